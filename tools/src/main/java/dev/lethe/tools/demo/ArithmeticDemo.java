package dev.lethe.tools.demo;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.evaluate.ArithmeticAnswers;
import dev.lethe.model.evaluate.ArithmeticAnswers.Accuracies;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.stage.AttackRun;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.stage.RelearningAttack;
import dev.lethe.model.stage.Stage;
import dev.lethe.model.stage.TrainedModel;
import dev.lethe.model.train.MetricsLog;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.progress.StageProgress;
import dev.lethe.tools.report.RunDirectory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The arithmetic miniature of one seed after another: base, filter, unlearn-maxent,
/// distill-maxent, and relearning attacks on all but base.
///
/// @param recipe what is done
/// @param machine where
/// @param directory where models and logs go
/// @param progress who hears of it
record ArithmeticDemo(
        ArithmeticRecipe recipe, Machine machine, RunDirectory directory, Progress progress) {
    /// Models under attack.
    static final int ATTACKED = 3;

    private static final String METHOD = "maxent";

    /// Trains and attacks the models of one seed.
    SeedRun run(long seed) {
        ArithmeticStages stages = new ArithmeticStages(recipe, seed);
        try (Made base = make(seed, "base", "", stages.base());
                Made filter = make(seed, "filter", "", stages.filter());
                Made unlearned =
                        make(
                                seed,
                                "unlearn-maxent",
                                METHOD,
                                stages.unlearnMaxEnt(base.trained().model()));
                Made distilled =
                        make(
                                seed,
                                "distill-maxent",
                                METHOD,
                                stages.distill(unlearned.trained().model()))) {
            List<Made> attacked = List.of(filter, unlearned, distilled);
            List<List<AttackRun>> attacks = attack(stages.attacks(), attacked);
            List<ModelRun> models = new ArrayList<>();
            models.add(base.run(List.of()));
            for (int i = 0; i < attacked.size(); i++) {
                models.add(attacked.get(i).run(attacks.get(i)));
            }
            return new SeedRun(seed, models);
        }
    }

    /// A model of the demo before any attack.
    private record Made(String name, String method, TrainedModel trained, Accuracies before)
            implements AutoCloseable {
        ModelRun run(List<AttackRun> attacks) {
            return new ModelRun(name, method, trained.compute(), trained.ended(), before, attacks);
        }

        @Override
        public void close() {
            trained.close();
        }
    }

    private Made make(long seed, String name, String method, Stage stage) {
        Path place = directory.directory("models", "seed-" + seed, name);
        try (MetricsLog log = new MetricsLog(place.resolve("metrics.jsonl"));
                StageProgress bar = progress.stage(name, stage.plan().steps())) {
            TrainedModel trained = stage.run(machine, List.of(log, bar));
            try {
                Gemma2Checkpoint.save(trained.model(), place);
                Accuracies before =
                        ArithmeticAnswers.accuracies(trained.model(), machine.workers());
                return new Made(name, method, trained, before);
            } catch (RuntimeException | Error e) {
                trained.close();
                throw e;
            }
        }
    }

    /// Each model by each attack. The runs are small and independent, so they go side by side, each
    /// on one thread: which worker takes which cannot change a result.
    private List<List<AttackRun>> attack(List<RelearningAttack> attacks, List<Made> models) {
        AttackRun[][] runs = new AttackRun[models.size()][attacks.size()];
        long steps = attacks.stream().mapToLong(RelearningAttack::length).sum() * models.size();
        try (StageProgress bar = progress.stage("relearning attacks", steps);
                Workers one = new Workers(1)) {
            Machine alone = machine.alone(one);
            machine.workers()
                    .forEach(
                            models.size() * attacks.size(),
                            task -> {
                                int model = task / attacks.size();
                                int attack = task % attacks.size();
                                Gemma2 victim = models.get(model).trained().model();
                                runs[model][attack] =
                                        attacks.get(attack)
                                                .against(
                                                        victim,
                                                        m -> ArithmeticAnswers.forget(m, one),
                                                        alone,
                                                        List.of(bar));
                            });
        }
        return Arrays.stream(runs).map(Arrays::asList).toList();
    }
}
