package dev.lethe.model.pipeline;

import dev.lethe.model.gemma2.AttentionKind;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.pipeline.Optimization.Rate;
import dev.lethe.model.pipeline.Optimization.Shape;

import java.util.List;
import java.util.Optional;

/// One of each stage, with a model that learns nothing in a few steps.
final class TinyStudy {
    static final Gemma2Config MODEL =
            Gemma2Config.builder()
                    .vocabSize(260)
                    .hiddenSize(8)
                    .intermediateSize(16)
                    .layerKinds(
                            List.of(AttentionKind.SLIDING, AttentionKind.FULL, AttentionKind.FULL))
                    .heads(2)
                    .kvHeads(1)
                    .headDim(4)
                    .queryPreAttnScalar(4)
                    .maxPositions(16)
                    .build();
    static final Mixtures MIXTURES = Mixtures.of(Task.ARITHMETIC);
    static final Data MIXED = MIXTURES.data(Data.Mixture.MIXED, 0);
    static final Data FORGET = MIXTURES.data(Data.Mixture.FORGET, 5);

    static final Method RMU = new Method.Rmu(1, 6, 15, List.of(0, 1));

    static final StageSpec.Pretrain BASE =
            new StageSpec.Pretrain(Task.ARITHMETIC, MODEL, 1, MIXED, steps(4, 1e-2));
    static final StageSpec.Given GIVEN = new StageSpec.Given(Task.ARITHMETIC, MODEL, "c0ffee");
    static final StageSpec.Unlearn UNLEARNED = unlearn(new Method.MaxEnt(4), new Guard.None());
    static final StageSpec.Unlearn NOISED = unlearn(RMU, new Guard.RepNoise(0.5, 1e-3));
    static final StageSpec.Perturb PERTURBED = new StageSpec.Perturb(UNLEARNED, 0.5, 0.25, 3);
    static final StageSpec.Distill STUDENT = distill(Optional.empty(), BASE, new Stop.Never());
    static final StageSpec.Distill MATCHED =
            distill(Optional.of(BASE), BASE, new Stop.KlMatches(STUDENT, 2));
    static final StageSpec.Relearn ATTACK = relearn(1e-2);
    static final StageSpec.Evaluate EVALUATED = new StageSpec.Evaluate(UNLEARNED);

    private TinyStudy() {}

    static Optimization steps(long steps, double rate) {
        return new Optimization(
                steps, 4, 2, new Rate(Shape.COSINE, rate, rate / 10, 1, steps), 0.125);
    }

    static StageSpec.Unlearn unlearn(Method method, Guard guard) {
        return unlearn(BASE, method, guard);
    }

    private static StageSpec.Unlearn unlearn(
            StageSpec.MakesModel from, Method method, Guard guard) {
        int parts = guard instanceof Guard.RepNoise ? 1 : 2;
        Rate rate = new Rate(Shape.CONSTANT, 1e-2, 1e-3, 0, 0);
        return new StageSpec.Unlearn(
                from,
                method,
                guard,
                2,
                MIXTURES.forgetRetain(),
                new Optimization(4, 4, parts, rate, 0));
    }

    static StageSpec.Distill distill(
            Optional<StageSpec.MakesModel> from, StageSpec.MakesModel teacher, Stop stop) {
        return new StageSpec.Distill(from, teacher, 4, MIXED, steps(4, 1e-2), stop);
    }

    static StageSpec.Relearn relearn(double rate) {
        return relearn(rate, FORGET);
    }

    static StageSpec.Relearn relearn(double rate, Data data) {
        return new StageSpec.Relearn(
                UNLEARNED,
                5,
                data,
                steps(4, rate),
                List.of(0L, 1L, 4L),
                new Questions(List.of("7*8=", "4+5="), 3));
    }

    /// All methods and guards, all stop rules, and an attack on half of the data.
    static List<StageSpec> everything() {
        return List.of(
                unlearn(new Method.GradDiff(10), new Guard.None()),
                unlearn(RMU, new Guard.None()),
                unlearn(new Method.MaxEnt(4), new Guard.Sam(0.05)),
                NOISED,
                distill(Optional.of(PERTURBED), UNLEARNED, new Stop.RetainWithin(0.25, 3)),
                MATCHED,
                distill(Optional.of(BASE), UNLEARNED, new Stop.NeverWatched(3)),
                new StageSpec.Perturb(unlearn(GIVEN, RMU, new Guard.None()), 0.5, 0.25, 3),
                ATTACK,
                relearn(1e-2, MIXTURES.data(Data.Mixture.FORGET_HALF, 6)),
                EVALUATED);
    }
}
