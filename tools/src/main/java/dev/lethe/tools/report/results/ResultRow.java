package dev.lethe.tools.report.results;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/// One value of `results.csv`.
///
/// @param model such as `unlearn-maxent` or `undo-0.2`
/// @param method of unlearning behind it, empty where there is none
/// @param alpha UNDO's only
/// @param beta UNDO's only
/// @param attackLr learning rate of the attack; empty for [Attack#NONE]
/// @param step updates of the attack so far
/// @param tokens of the attack up to that step
/// @param flops of the attack up to that step
public record ResultRow(
        String experiment,
        long seed,
        String model,
        String method,
        OptionalDouble alpha,
        OptionalDouble beta,
        Attack attack,
        OptionalDouble attackLr,
        long step,
        Metric metric,
        double value,
        OptionalLong tokens,
        OptionalDouble flops) {
    public ResultRow {
        Csv.requireName("experiment", experiment);
        Csv.requireName("model", model);
        if (!method.isEmpty()) {
            Csv.requireName("method", method);
        }
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "%s of %s: expected a finite value, got %s; record a diverged run as diverged"
                            .formatted(metric.word(), model, value));
        }
        if (step < 0 || attack == Attack.NONE && step != 0) {
            throw new IllegalArgumentException(
                    "step of %s: expected 0 without an attack and no less during one, got %d; check"
                                    .formatted(model, step)
                            + " who wrote the row");
        }
        if ((attack == Attack.NONE) == attackLr.isPresent()) {
            throw new IllegalArgumentException(
                    "attack_lr of %s: expected a rate exactly where there is an attack, got %s;"
                                    .formatted(model, attack.word())
                            + " check who wrote the row");
        }
    }

    /// A value of a model before any attack.
    public static ResultRow before(Subject subject, Metric metric, double value) {
        return new ResultRow(
                subject.experiment(),
                subject.seed(),
                subject.model(),
                subject.method(),
                subject.alpha(),
                subject.beta(),
                Attack.NONE,
                OptionalDouble.empty(),
                0,
                metric,
                value,
                OptionalLong.empty(),
                OptionalDouble.empty());
    }

    /// A value of a model under attack.
    public static ResultRow during(Subject subject, Moment moment, Metric metric, double value) {
        return new ResultRow(
                subject.experiment(),
                subject.seed(),
                subject.model(),
                subject.method(),
                subject.alpha(),
                subject.beta(),
                moment.attack(),
                OptionalDouble.of(moment.learningRate()),
                moment.step(),
                metric,
                value,
                moment.tokens(),
                moment.flops());
    }

    /// Who is measured.
    public record Subject(
            String experiment,
            long seed,
            String model,
            String method,
            OptionalDouble alpha,
            OptionalDouble beta) {
        /// A model that UNDO did not make.
        public static Subject of(String experiment, long seed, String model, String method) {
            return new Subject(
                    experiment,
                    seed,
                    model,
                    method,
                    OptionalDouble.empty(),
                    OptionalDouble.empty());
        }
    }

    /// How far which attack is.
    ///
    /// @param tokens empty for the step that diverged
    /// @param flops empty for the step that diverged
    public record Moment(
            Attack attack,
            double learningRate,
            long step,
            OptionalLong tokens,
            OptionalDouble flops) {}
}
