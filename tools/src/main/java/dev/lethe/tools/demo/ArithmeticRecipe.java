package dev.lethe.tools.demo;

import dev.lethe.engine.optim.Schedule;
import dev.lethe.model.data.ArithmeticData;
import dev.lethe.model.evaluate.ArithmeticAnswers;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.stage.Flops;
import dev.lethe.model.train.TrainingPlan;
import dev.lethe.tools.report.results.Thresholds;

import java.util.List;

/// All numbers of the arithmetic miniature that are chosen rather than found.
///
/// @param model every model's configuration
/// @param pretraining of base and filter
/// @param unlearning rows are of forget data and as many of retain data
/// @param retainWeight weight of the retain term in unlearning
/// @param distillation of the student
/// @param attack relearning
/// @param thresholds of the claims
public record ArithmeticRecipe(
        Gemma2Config model,
        Training pretraining,
        Training unlearning,
        double retainWeight,
        Training distillation,
        Attack attack,
        Thresholds thresholds) {
    /// @param rows of a step
    /// @param microBatches parts of a step's batch; decides the bits, so it is no matter of the
    ///     machine
    /// @param steps updates
    /// @param schedule learning rate of each
    public record Training(int rows, int microBatches, long steps, Schedule schedule) {
        /// As the trainer wants it.
        public TrainingPlan plan() {
            return TrainingPlan.of(steps, microBatches, schedule);
        }
    }

    /// @param rows of forget data a step
    /// @param learningRates one run each, constant
    /// @param steps at which to look; the last ends the run
    public record Attack(int rows, List<Double> learningRates, List<Long> steps) {
        /// Updates of one run.
        public long length() {
            return steps.getLast();
        }
    }

    /// The recipe of the demo: 263,488 parameters, found with other seeds than it is shown with.
    public static final ArithmeticRecipe MINIATURE =
            new ArithmeticRecipe(
                    Gemma2Presets.ARITHMETIC_MINIATURE,
                    new Training(256, 4, 1100, new Schedule.Cosine(3e-3, 3e-4, 50, 1100)),
                    new Training(64, 4, 200, new Schedule.Constant(2e-4, 0)),
                    4,
                    new Training(256, 4, 1100, new Schedule.Cosine(3e-3, 3e-4, 50, 1100)),
                    new Attack(
                            32,
                            List.of(3e-4, 1e-3, 3e-3),
                            List.of(0L, 1L, 2L, 5L, 10L, 20L, 35L, 50L, 75L, 100L)),
                    Thresholds.ofAccuracy(50, 0.2).judging(List.of("maxent")));

    /// Floating-point operations of one seed, evaluation during attacks included.
    double flops() {
        double position = Flops.forward(model, ArithmeticData.ROWS.length() - 1);
        double trained =
                2.0 * pretraining.rows * pretraining.steps
                        + 2.0 * unlearning.rows * unlearning.steps
                        + (double) distillation.rows * distillation.steps;
        double runs = (double) ArithmeticDemo.ATTACKED * attack.learningRates.size();
        double attacked = runs * attack.rows * attack.length();
        double onlyForward =
                (double) distillation.rows * distillation.steps // the teacher
                        + runs * attack.steps.size() * ArithmeticAnswers.forgetQuestions();
        double rows = Flops.TRAINING * (trained + attacked) + onlyForward;
        return rows * (ArithmeticData.ROWS.length() - 1) * position;
    }
}
