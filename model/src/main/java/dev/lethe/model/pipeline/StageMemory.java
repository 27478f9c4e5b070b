package dev.lethe.model.pipeline;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.stage.MemoryEstimate;
import dev.lethe.model.stage.ValueMemory;
import dev.lethe.model.train.Trainer;

/// How much memory a stage takes at its peak.
///
/// Tensors are counted to a few parts in a hundred where the backend has fused kernels for the
/// precision; elsewhere, as on the reference backend, a stage takes several times as much. What the
/// JVM takes besides, and a CUDA context, is not in it.
///
/// @param threads of the stage
public record StageMemory(Backend backend, Precision precision, int threads) {
    /// Arenas grow by a sixteenth in a first step, and of the last sixteenth a part is left over.
    private static final double GROWTH = 1.0625;

    /// Positions of the paper's problems that are asked at once, and the logits of their answers.
    private static final int ASKED = 64 * 64;

    private static final long ASKED_LOGITS = 1L << 24;

    /// Positions of the arithmetic miniature's questions that are asked at once.
    private static final int QUESTIONS = 96 * 12;

    /// Positions of text that are evaluated at once, or one row where that is longer.
    private static final int READ = 1024;

    private static final int CAPPED = 4; // logits on their way through the soft-cap

    /// A device's working memory grows and keeps what it has outgrown, in halves of the last.
    private static final int OUTGROWN = 3;

    private static final int NOISE = 10; // F32 values of RepNoise for each hidden one

    /// F32 values of RepNoise for each two rows in each layer: distances and kernels between them.
    private static final int PAIRED = 72;

    /// Whether what this says is what a stage takes.
    public boolean isCounted() {
        DType dtype = precision.weights();
        return backend.attention(dtype).isPresent() && backend.linearLoss(dtype).isPresent();
    }

    /// With the stage's own micro-batches.
    public MemoryEstimate of(StageSpec spec) {
        return switch (spec) {
            case StageSpec.Given _, StageSpec.Perturb _, StageSpec.Evaluate _ -> small(spec);
            case StageSpec.Pretrain it -> of(spec, it.optimization().microBatches());
            case StageSpec.Unlearn it -> of(spec, it.optimization().microBatches());
            case StageSpec.Distill it -> of(spec, it.optimization().microBatches());
            case StageSpec.Relearn it -> of(spec, it.optimization().microBatches());
        };
    }

    /// With another number of micro-batches, of a stage that trains.
    public MemoryEstimate of(StageSpec spec, int microBatches) {
        return switch (spec) {
            case StageSpec.Given _, StageSpec.Perturb _, StageSpec.Evaluate _ -> small(spec);
            case StageSpec.Pretrain it ->
                    training(spec, it.optimization().rows(), microBatches, nextToken(it.model()));
            case StageSpec.Relearn it ->
                    training(
                            spec,
                            it.optimization().rows(),
                            microBatches,
                            nextToken(it.target().model()));
            case StageSpec.Distill it ->
                    training(spec, it.optimization().rows(), microBatches, distill(it.model()));
            case StageSpec.Unlearn it ->
                    training(spec, it.optimization().rows(), microBatches, unlearn(it));
        };
    }

    /// What a step does with a micro-batch.
    ///
    /// @param values bytes for so many positions of each role
    /// @param heads whose logits are held side by side
    /// @param fixed models of weights alone beside the trained one
    /// @param models with masters beside the trained one
    private record Work(PerPositions values, int heads, int fixed, int models) {}

    private interface PerPositions {
        long bytes(long positions);
    }

    private ValueMemory values(Gemma2Config model) {
        return new ValueMemory(model, precision);
    }

    private Work nextToken(Gemma2Config model) {
        ValueMemory values = values(model);
        return new Work(
                positions ->
                        values.forward(positions, model.layers())
                                + values.head(positions, false)
                                + values.backward(
                                        positions, values.parametersWithoutEmbedding()),
                1,
                0,
                0);
    }

    private Work distill(Gemma2Config model) {
        ValueMemory values = values(model);
        Work student = nextToken(model);
        return new Work(
                positions ->
                        values.forward(positions, model.layers()) + student.values.bytes(positions),
                2,
                1,
                0);
    }

    private Work unlearn(StageSpec.Unlearn it) {
        Gemma2Config model = it.model();
        Work plain =
                switch (it.method()) {
                    case Method.GradDiff _ -> twoHeads(model, true);
                    case Method.MaxEnt _ -> twoHeads(model, false);
                    case Method.Custom _ -> fixedBeside(twoHeads(model, true), model);
                    case Method.Rmu rmu -> rmu(model, rmu);
                };
        return switch (it.guard()) {
            case Guard.None _, Guard.Sam _ -> plain;
            case Guard.RepNoise _ -> noised(plain, model, it.subject().inputs());
        };
    }

    /// Forget and retain rows through one model, each with a head. The model before is kept.
    private Work twoHeads(Gemma2Config model, boolean bothScaled) {
        ValueMemory values = values(model);
        return new Work(
                positions ->
                        2 * values.forward(positions, model.layers())
                                + values.head(positions, bothScaled)
                                + values.head(positions, true)
                                + values.backward(
                                        positions, values.parametersWithoutEmbedding()),
                1,
                0,
                1);
    }

    private Work fixedBeside(Work plain, Gemma2Config model) {
        ValueMemory values = values(model);
        return new Work(
                positions ->
                        values.forward(positions, model.layers()) + plain.values.bytes(positions),
                2,
                plain.fixed,
                plain.models);
    }

    private Work rmu(Gemma2Config model, Method.Rmu rmu) {
        ValueMemory values = values(model);
        long trained =
                (long) rmu.trainedLayers().size()
                        * model.hiddenSize()
                        * model.intermediateSize();
        return new Work(
                positions ->
                        3 * values.forward(positions, rmu.layer() + 1)
                                + values.backward(positions, trained),
                0,
                0,
                1);
    }

    private Work noised(Work plain, Gemma2Config model, int inputs) {
        ValueMemory values = values(model);
        long noise = 4L * NOISE * model.hiddenSize() * model.layers();
        long norms = (long) precision.weights().bytes() * model.hiddenSize() * model.layers();
        long pair = 4L * PAIRED * model.layers();
        return new Work(
                positions ->
                        plain.values.bytes(positions)
                                + values.forward(positions, model.layers())
                                + (model.layers() + 2) * values.head(positions, false)
                                + positions * (noise + norms)
                                + (positions / inputs) * (positions / inputs) * pair,
                plain.heads,
                plain.fixed,
                plain.models);
    }

    private MemoryEstimate training(StageSpec spec, int rows, int microBatches, Work work) {
        Gemma2Config model = model(spec);
        long positions = (long) Math.ceilDiv(rows, microBatches) * spec.subject().inputs();
        int side = Math.min(sideBySide(), microBatches);
        long weights = weights(model);
        long masters = masters(model);
        long wide = (long) precision.masters().bytes() * model.parameterCount();
        boolean sam = spec instanceof StageSpec.Unlearn it && it.guard() instanceof Guard.Sam;
        // Arenas take turns in blocks as large as the largest of them needs.
        long evaluated = evaluation(spec);
        int arenas = evaluated > 0 ? sideBySide() : side;
        long values =
                (long) (GROWTH * arenas * Math.max(work.values.bytes(positions), evaluated));
        return new MemoryEstimate(
                weights,
                masters,
                Trainer.gradients(backend, microBatches, threads) * wide,
                2 * wide,
                work.fixed * weights + work.models * (weights + masters) + (sam ? wide : 0),
                values,
                side * chunks(positions, model, work.heads),
                2 * wide);
    }

    /// Arenas open at once: a device does one thing after the other.
    private int sideBySide() {
        return backend.deviceMemory().isPresent() ? 1 : threads;
    }

    /// Values of one pass of the stage's evaluations; 0 where it has none.
    private long evaluation(StageSpec spec) {
        return switch (spec) {
            case StageSpec.Given _, StageSpec.Perturb _, StageSpec.Pretrain _, StageSpec.Unlearn _ -> 0;
            case StageSpec.Evaluate _, StageSpec.Relearn _ -> abilities(spec);
            case StageSpec.Distill it -> { // of student and teacher side by side
                long compared = 2 * read(spec);
                yield it.stop() instanceof Stop.RetainWithin
                        ? Math.max(compared, abilities(spec))
                        : compared;
            }
        };
    }

    private long abilities(StageSpec spec) {
        return switch (spec.task()) {
            case LANGUAGE -> read(spec);
            case ARITHMETIC -> {
                Gemma2Config model = model(spec);
                boolean corpus = spec.subject().corpus().isPresent();
                long positions = corpus ? ASKED : QUESTIONS;
                long logits = corpus ? ASKED_LOGITS : QUESTIONS * (long) model.vocabSize();
                yield values(model).forward(positions, model.layers())
                        + CAPPED * (long) precision.weights().accumulator().bytes() * logits;
            }
        };
    }

    private long read(StageSpec spec) {
        Gemma2Config model = model(spec);
        long positions = Math.max(READ, spec.subject().inputs());
        return values(model).forward(positions, model.layers());
    }

    private long chunks(long positions, Gemma2Config model, int heads) {
        DType dtype = precision.weights();
        if (heads == 0 || backend.linearLoss(dtype).isEmpty()) {
            return 0;
        }
        long bytes =
                backend.linearLoss(dtype)
                        .get()
                        .workspaceBytes(
                                Math.toIntExact(positions),
                                model.hiddenSize(),
                                model.vocabSize(),
                                heads,
                                dtype);
        return backend.deviceMemory().isPresent() ? OUTGROWN * bytes / 2 : bytes;
    }

    private MemoryEstimate small(StageSpec spec) {
        Gemma2Config model = model(spec);
        return new MemoryEstimate(
                weights(model), masters(model), 0, 0, 0, sideBySide() * evaluation(spec), 0, 0);
    }

    private long weights(Gemma2Config model) {
        return (long) precision.weights().bytes() * model.parameterCount();
    }

    /// None of their own where the weights are the masters.
    private long masters(Gemma2Config model) {
        return precision.masters() == precision.weights()
                ? 0
                : (long) precision.masters().bytes() * model.parameterCount();
    }

    private static Gemma2Config model(StageSpec spec) {
        return switch (spec) {
            case StageSpec.MakesModel it -> it.model();
            case StageSpec.Evaluate it -> it.target().model();
            case StageSpec.Relearn it -> it.target().model();
        };
    }
}
