package dev.lethe.tools.experiment;

import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.model.pipeline.StudyData;
import dev.lethe.model.pipeline.Subject;
import dev.lethe.model.stage.Flops;

/// What a stage will take, before it runs, for the time that is left.
/// Nothing that a stage computes depends on it.
///
/// @param steps that it will make, where a rule stops it about so many
/// @param flops floating-point operations, evaluations included
record Cost(double steps, double flops) {
    private static final double FORWARD = 1;
    private static final double TRAINING = Flops.TRAINING;

    /// Share of the steps after which a reference student's KL is usually matched.
    private static final double MATCHED = 0.6;

    /// Positions of the 400 problems of a look.
    private static final double ASKED = 400 * 32;

    static Cost of(StageSpec spec) {
        return switch (spec) {
            case StageSpec.Given _, StageSpec.Perturb _ -> small(spec, 0);
            case StageSpec.Evaluate _ -> small(spec, 2 * looked(spec.subject()));
            case StageSpec.Pretrain it ->
                    training(it, it.model(), it.optimization(), TRAINING, 1);
            case StageSpec.Unlearn it ->
                    training(it, it.model(), it.optimization(), unlearning(it), 1);
            case StageSpec.Distill it ->
                    training(
                            it,
                            it.model(),
                            it.optimization(),
                            (TRAINING + FORWARD) * 1.05, // and now and then a look
                            share(it));
            case StageSpec.Relearn it -> {
                Cost steps =
                        training(
                                it,
                                it.target().model(),
                                it.optimization(),
                                TRAINING,
                                1);
                double looks = it.lookAt().size() * looked(it.subject());
                yield new Cost(
                        steps.steps,
                        steps.flops + looks * forward(it.target().model(), it.subject()));
            }
        };
    }

    /// Passes over the rows of a step, forget and retain rows together.
    private static double unlearning(StageSpec.Unlearn it) {
        double passes =
                switch (it.method()) {
                    case Method.GradDiff _, Method.MaxEnt _ -> 2 * TRAINING;
                    case Method.Custom _ -> 2 * TRAINING + FORWARD; // of a fixed model, perhaps
                    case Method.Rmu rmu ->
                            (2 * TRAINING + FORWARD) * (rmu.layer() + 1) / it.model().layers();
                };
        return switch (it.guard()) {
            case Guard.None _ -> passes;
            case Guard.Sam _ -> 2 * passes;
            case Guard.RepNoise _ -> passes + 2 * TRAINING;
        };
    }

    /// Of the steps at most, those that a student of this stop rule makes. A perturbed one has the
    /// further to go the more of it was replaced; the power was read off measured runs.
    private static double share(StageSpec.Distill it) {
        return switch (it.stop()) {
            case Stop.Never _, Stop.NeverWatched _ -> 1;
            case Stop.KlMatches _ -> MATCHED;
            case Stop.RetainWithin _ ->
                    it.from().orElse(null) instanceof StageSpec.Perturb noise
                            ? Math.max(0.02, 0.8 * Math.pow(noise.alpha(), 3))
                            : 1;
        };
    }

    private static Cost training(
            StageSpec spec,
            Gemma2Config model,
            Optimization how,
            double passes,
            double share) {
        double steps = Math.ceil(share * how.steps());
        return new Cost(
                steps, steps * passes * how.rows() * forward(model, spec.subject()));
    }

    private static Cost small(StageSpec spec, double rows) {
        Gemma2Config model =
                switch (spec) {
                    case StageSpec.MakesModel it -> it.model();
                    case StageSpec.Evaluate it -> it.target().model();
                    case StageSpec.Relearn it -> it.target().model();
                };
        return new Cost(0, rows * forward(model, spec.subject()));
    }

    /// Rows of one look.
    private static double looked(Subject subject) {
        return subject.corpus()
                .map(
                        corpus ->
                                switch (subject.task()) {
                                    case ARITHMETIC -> ASKED / corpus.length();
                                    case LANGUAGE -> (double) corpus.heldOut();
                                })
                .orElseGet(() -> StudyData.of(subject.task()).mixed().rows() / 2.0);
    }

    /// One row.
    private static double forward(Gemma2Config model, Subject subject) {
        return subject.inputs() * Flops.forward(model, subject.inputs());
    }
}
