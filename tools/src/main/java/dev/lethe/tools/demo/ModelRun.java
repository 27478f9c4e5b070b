package dev.lethe.tools.demo;

import dev.lethe.model.evaluate.ArithmeticAnswers.Accuracies;
import dev.lethe.model.stage.AttackRun;
import dev.lethe.model.stage.Compute;
import dev.lethe.model.stage.RecoveryCurve;
import dev.lethe.model.train.Trainer;

import java.util.List;

/// A model of a run, by what was measured of it.
///
/// @param name `base, filter, unlearn-maxent, distill-maxent`
/// @param method of unlearning behind it, empty where there is none
/// @param compute of the training that made it
/// @param before its accuracies before any attack
/// @param attacks one a learning rate, empty where it was not attacked
public record ModelRun(
        String name,
        String method,
        Compute compute,
        Trainer.Ended ended,
        Accuracies before,
        List<AttackRun> attacks) {
    public ModelRun {
        attacks = List.copyOf(attacks);
    }

    /// Forget accuracy under the best attack at each step.
    RecoveryCurve curve() {
        return RecoveryCurve.worstCase(attacks);
    }
}
