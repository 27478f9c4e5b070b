package dev.lethe.tools.experiment;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.model.pipeline.StudyData;
import dev.lethe.model.pipeline.Task;
import dev.lethe.model.stage.Flops;

/// What a stage will take, before it runs: for the time that is left and for what fits the memory.
/// Nothing that a stage computes depends on it.
///
/// @param steps that it will make, where a rule stops it about so many
/// @param flops floating-point operations, evaluations included
/// @param bytes resident while it runs on one thread
record Cost(double steps, double flops, double bytes) {
    private static final double FORWARD = 1;
    private static final double TRAINING = Flops.TRAINING;

    /// Share of the steps after which a reference student's KL is usually matched.
    private static final double MATCHED = 0.6;

    /// Masters or a second gradient, gradient, two moments.
    private static final int MASTERS = 4;

    /// The weights, and a model beside them: teacher, frozen copy or the step's own.
    private static final int WEIGHTS = 2;

    /// Values kept for the backward pass for one position of a layer, in units of the widths.
    private static final int KEPT_HIDDEN = 12;

    private static final int KEPT_INTERMEDIATE = 5;

    static Cost of(StageSpec spec, Precision precision) {
        return switch (spec) {
            case StageSpec.Given _, StageSpec.Perturb _ -> small(spec, precision, 0);
            case StageSpec.Evaluate _ -> small(spec, precision, 2 * looked(spec.task()));
            case StageSpec.Pretrain it ->
                    training(it, it.model(), it.optimization(), TRAINING, 1, precision);
            case StageSpec.Unlearn it ->
                    training(it, it.model(), it.optimization(), unlearning(it), 1, precision);
            case StageSpec.Distill it ->
                    training(
                            it,
                            it.model(),
                            it.optimization(),
                            (TRAINING + FORWARD) * 1.05, // and now and then a look
                            share(it),
                            precision);
            case StageSpec.Relearn it -> {
                Cost steps =
                        training(
                                it,
                                it.target().model(),
                                it.optimization(),
                                TRAINING,
                                1,
                                precision);
                double looks = it.lookAt().size() * looked(it.task());
                yield new Cost(
                        steps.steps,
                        steps.flops + looks * forward(it.target().model(), it.task()),
                        steps.bytes);
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
            double share,
            Precision precision) {
        double steps = Math.ceil(share * how.steps());
        double flops = steps * passes * how.rows() * forward(model, spec.task());
        double positions = (double) how.rows() / how.microBatches() * tokens(spec.task());
        double kept =
                model.layers()
                        * (KEPT_HIDDEN * model.hiddenSize()
                                + KEPT_INTERMEDIATE * model.intermediateSize());
        double weight = precision.weights().bytes();
        double copies = MASTERS * precision.masters().bytes() + WEIGHTS * weight;
        return new Cost(
                steps, flops, copies * model.parameterCount() + 2 * positions * kept * weight);
    }

    private static Cost small(StageSpec spec, Precision precision, double rows) {
        Gemma2Config model =
                switch (spec) {
                    case StageSpec.MakesModel it -> it.model();
                    case StageSpec.Evaluate it -> it.target().model();
                    case StageSpec.Relearn it -> it.target().model();
                };
        double bytes = precision.masters().bytes() + precision.weights().bytes();
        return new Cost(
                0, rows * forward(model, spec.task()), bytes * model.parameterCount());
    }

    /// Rows of one look.
    private static double looked(Task task) {
        return StudyData.of(task).mixed().rows() / 2.0;
    }

    /// One row.
    private static double forward(Gemma2Config model, Task task) {
        return tokens(task) * Flops.forward(model, tokens(task));
    }

    private static int tokens(Task task) {
        return StudyData.of(task)
                .main(Mixtures.of(task).data(Data.Mixture.FORGET, 0), 0, 1)
                .batch(0)
                .get(StepBatch.Role.MAIN)
                .tokens();
    }
}
