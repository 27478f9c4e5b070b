package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.tools.experiment.FinishedRun;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The objectives that are compared, by their settings; a run's own settings come before these.
///
/// @param graddiff weight of the retain term
/// @param maxent likewise
/// @param rmu of hidden states
/// @param teacher of distillation, by name
record Losses(double graddiff, double maxent, RmuLoss rmu, String teacher) {
    /// @param layer 0-based
    /// @param c length of the goal
    /// @param alpha weight of the retain term
    record RmuLoss(int layer, double c, double alpha) {}

    /// With the settings of the run's stages of unlearning.
    Losses of(FinishedRun run) {
        double ofGraddiff = graddiff;
        double ofMaxent = maxent;
        RmuLoss ofRmu = rmu;
        for (FinishedRun.Member member : run.members()) {
            if (member.stage() instanceof StageSpec.Unlearn unlearn) {
                switch (unlearn.method()) {
                    case Method.GradDiff(double alpha) -> ofGraddiff = alpha;
                    case Method.MaxEnt(double alpha) -> ofMaxent = alpha;
                    case Method.Rmu(int layer, double c, double alpha, _) ->
                            ofRmu = new RmuLoss(layer, c, alpha);
                    case Method.Custom _ -> {} // none of those that are compared
                }
            }
        }
        return new Losses(ofGraddiff, ofMaxent, ofRmu, teacher);
    }

    /// @param frozen RMU's model before unlearning
    /// @param seed of RMU's direction
    SequencedMap<String, Objective> objectives(Gemma2 frozen, Gemma2 taughtBy, long seed) {
        SequencedMap<String, Objective> objectives = new LinkedHashMap<>();
        objectives.put("graddiff", new GradDiff(graddiff));
        objectives.put("maxent", new MaxEnt(maxent, Positions.TARGETS));
        double[] u = Rmu.direction(seed, frozen.config().hiddenSize());
        objectives.put(
                "rmu", new Rmu(new Rmu.Target(rmu.layer(), rmu.c(), u), rmu.alpha(), frozen));
        objectives.put("distill", new Distill(taughtBy, Positions.TARGETS));
        return objectives;
    }

    /// The seed that the run drew RMU's direction from.
    static long rmuSeed(Subjects subjects, long otherwise) {
        return subjects.all().stream()
                .flatMap(one -> one.member().stream())
                .map(FinishedRun.Member::stage)
                .filter(StageSpec.Unlearn.class::isInstance)
                .map(stage -> ((StageSpec.Unlearn) stage).seed())
                .findFirst()
                .orElse(otherwise);
    }
}
