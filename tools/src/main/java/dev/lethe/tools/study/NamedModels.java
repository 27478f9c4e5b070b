package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.experiment.FinishedRun;
import java.util.HashMap;
import java.util.Map;

/// Models of a run by name, some of them made here: `NAME+relearned` is the model after the attack,
/// `filter+fresh` a filter of a seed that the run does not have. Weights are kept, models are not.
final class NamedModels {
    private static final String RELEARNED = "+relearned";
    static final String FRESH = "filter+fresh";
    private static final String FRESH_OF_DIRECTORY =
            "--from: expected a finished run, which has a filter, got model directories; name RUNS/EXPERIMENT";

    private final Laboratory lab;
    private final Relearning attack;
    private final Map<String, double[]> weights = new HashMap<>();

    NamedModels(Laboratory lab, Relearning attack) {
        this.lab = lab;
        this.attack = attack;
    }

    /// The caller closes it.
    Gemma2 load(String name) {
        Subject home = lab.require(home(name), "which " + name + " is made of");
        Gemma2 model = lab.load(home);
        if (!home.name().equals(name)) {
            Coordinates.of(model.parameters())
                    .write(
                            weights.computeIfAbsent(name, _ -> made(name, home)),
                            model.parameters());
        }
        return model;
    }

    private static String home(String name) {
        return name.contains("+") ? name.substring(0, name.indexOf('+')) : name;
    }

    private double[] made(String name, Subject home) {
        if (Subject.plain(name).equals(FRESH)) {
            FinishedRun run =
                    home.run().orElseThrow(() -> new RefusedException(FRESH_OF_DIRECTORY));
            StageSpec.MakesModel fresh = run.freshFilter();
            lab.notes().accept("trains a filter of another seed, once, as the control");
            try (Gemma2 model = lab.runner(run).load(fresh)) {
                return Relearning.weights(model);
            }
        }
        if (!name.endsWith(RELEARNED)) {
            throw new RefusedException(
                    "model: expected a name of the run's, one with %s, or %s, got %s; correct it"
                            .formatted(RELEARNED, FRESH, name));
        }
        StageSpec.Relearn stage =
                attack.on(home)
                        .orElseThrow(
                                () ->
                                        new RefusedException(
                                                "model: %s: expected a model that the run attacked, got %s; choose another"
                                                        .formatted(name, home.name())));
        double[][] last = new double[1][];
        lab.replay(home.run().orElseThrow())
                .run(
                        stage,
                        attack.steps(),
                        attack.steps(),
                        (_, model) -> last[0] = Relearning.weights(model));
        return last[0];
    }
}
