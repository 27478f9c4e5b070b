package dev.lethe.model.objective;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;

/// What an objective reads from the host, learnt from the first step that it makes: from then on
/// all of a step's values go to the device in one copy, to where the step's work reads them. They
/// are the batch's numbers, the denominators of its means, and the number of the step that noise is
/// drawn for.
///
/// Outside [#learn] and [#reading] each value is given to the work when it is asked for.
public final class StepInputs implements AutoCloseable {
    private static final ScopedValue<Reader> READER = ScopedValue.newInstance();
    private static final int ALIGNMENT = 16; // elements, 64 bytes
    private static final int WORDS = Double.BYTES / Integer.BYTES; // elements that an F64 takes

    private sealed interface Source {}

    private record Values(StepBatch.Role role, Column column) implements Source {}

    /// One over a denominator, F64.
    private record Reciprocal(String term) implements Source {}

    /// The step's number, I32.
    private record StepNumber() implements Source {}

    /// The same in all steps, on the device.
    private record Constant(Buffer buffer) implements Source {}

    private final TensorArena constants;
    private final List<Source> sources = new ArrayList<>(); // in the order of their asking
    private boolean learnt;

    public StepInputs(Backend backend) {
        this.constants = backend.openLongLived();
    }

    /// Values of a batch, I32.
    static Tensor of(Batch batch, Column column, Shape shape) {
        return READER.isBound()
                ? READER.get().values(batch, column, shape)
                : Tensor.ofInts(shape, column.of(batch));
    }

    /// What the mean of a term multiplies its sum by: one over the term's denominator.
    static Factor reciprocal(SequencedMap<String, Double> denominators, String term) {
        double value = 1 / denominators.get(term);
        return READER.isBound() ? READER.get().reciprocal(term, value) : Factor.of(value);
    }

    /// Noise of a step, in the open arena.
    ///
    /// @param stream whose number is the step's, [StepBatch#step]
    static Tensor draw(
            PhiloxStream stream, long firstIndex, Distribution law, DType dtype, Shape shape) {
        TensorArena arena = TensorArena.current("draw");
        Backend backend = arena.backend();
        Buffer drawn = arena.allocate(dtype, shape.size());
        if (READER.isBound() && READER.get().stepNumber() instanceof Buffer number) {
            backend.random().fill(stream, number, firstIndex, law, drawn);
        } else {
            backend.random().fill(stream, firstIndex, law, drawn);
        }
        return Tensor.leaf(backend, drawn, shape, false);
    }

    /// A tensor that is the same in all steps of an objective.
    static Tensor constant(Supplier<Tensor> made) {
        return READER.isBound() ? READER.get().constant(made) : made.get();
    }

    /// Runs the work of a part of a step and notes what it reads.
    public void learn(StepBatch part, Runnable work) {
        sources.clear();
        ScopedValue.where(READER, new Reader(part, null)).run(work);
        learnt = true;
    }

    public boolean isLearnt() {
        return learnt;
    }

    /// Those denominators that the work does not read where they lie, but has taken as numbers of
    /// its own.
    public SequencedMap<String, Double> unread(SequencedMap<String, Double> denominators) {
        SequencedMap<String, Double> unread = new LinkedHashMap<>(denominators);
        unread.keySet().removeIf(term -> sources.contains(new Reciprocal(term)));
        return unread;
    }

    /// I32 elements that the values of a part take.
    public long length(StepBatch part) {
        return sources.stream().mapToLong(source -> length(source, part)).sum();
    }

    private static long length(Source source, StepBatch part) {
        return switch (source) {
            case Values(StepBatch.Role role, _) -> aligned(part.get(role).ids().length);
            case Reciprocal _ -> aligned(WORDS);
            case StepNumber _ -> aligned(1);
            case Constant _ -> 0;
        };
    }

    /// Writes the values of a part from an element on.
    ///
    /// @param denominators of the whole batch
    public void write(
            StepBatch part,
            SequencedMap<String, Double> denominators,
            MemorySegment into,
            long from) {
        long at = from;
        for (Source source : sources) {
            long bytes = at * Integer.BYTES;
            switch (source) {
                case Values(StepBatch.Role role, Column column) -> {
                    int[] values = column.of(part.get(role));
                    MemorySegment.copy(
                            values, 0, into, ValueLayout.JAVA_INT, bytes, values.length);
                }
                case Reciprocal(String term) ->
                        into.set(
                                ValueLayout.JAVA_DOUBLE_UNALIGNED,
                                bytes,
                                1 / denominators.get(term));
                case StepNumber _ ->
                        into.set(ValueLayout.JAVA_INT, bytes, Math.toIntExact(part.step()));
                case Constant _ -> {}
            }
            at += length(source, part);
        }
    }

    /// Runs the work of a part of a step, which reads its values from where they were written.
    ///
    /// @param place [#length] elements, I32
    public void reading(StepBatch part, Buffer place, Runnable work) {
        ScopedValue.where(READER, new Reader(part, place)).run(work);
    }

    private static long aligned(long elements) {
        return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    @Override
    public void close() {
        constants.close();
    }

    /// Answers what one part's work asks for.
    private final class Reader {
        private final StepBatch part;
        private final Buffer place; // null while learning
        private int next;
        private long at;

        Reader(StepBatch part, Buffer place) {
            this.part = part;
            this.place = place;
        }

        Tensor values(Batch batch, Column column, Shape shape) {
            Buffer buffer = next(new Values(roleOf(batch), column), shape.size());
            return buffer == null
                    ? Tensor.ofInts(shape, column.of(batch))
                    : Tensor.leaf(constants.backend(), buffer, shape, false);
        }

        Factor reciprocal(String term, double value) {
            Buffer buffer = next(new Reciprocal(term), WORDS);
            return new Factor(value, buffer == null ? null : buffer.as(DType.F64));
        }

        /// Null while learning.
        Buffer stepNumber() {
            return next(new StepNumber(), 1);
        }

        /// Where the next values lie, which must be those that were learnt; null while learning.
        private Buffer next(Source asked, long length) {
            if (place == null) {
                sources.add(asked);
                return null;
            }
            if (!asked.equals(known())) {
                throw changed(asked);
            }
            Buffer buffer = place.slice(at, length);
            at += length(asked, part);
            return buffer;
        }

        private StepBatch.Role roleOf(Batch batch) {
            return part.roles().stream()
                    .filter(role -> part.get(role) == batch)
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "step inputs: a repeatable objective reads the batches of its part alone, got another; it must say that it is not repeatable"));
        }

        Tensor constant(Supplier<Tensor> made) {
            if (place == null) {
                Tensor tensor = made.get();
                Buffer kept = constants.allocate(tensor.dtype(), tensor.shape().size());
                constants.backend().elementwise().copy(tensor.buffer(), kept);
                sources.add(new Constant(kept));
                return tensor;
            }
            if (!(known() instanceof Constant(Buffer buffer))) {
                throw changed("a constant");
            }
            Shape shape = Shape.of(Math.toIntExact(buffer.length()));
            return Tensor.leaf(constants.backend(), buffer, shape, false);
        }

        private Source known() {
            return next < sources.size() ? sources.get(next++) : null;
        }

        private IllegalStateException changed(Object asked) {
            return new IllegalStateException(
                    "step inputs: expected what the first step asked for, %s, got %s; an objective that reads other values from step to step is not repeatable"
                            .formatted(sources, asked));
        }
    }
}
