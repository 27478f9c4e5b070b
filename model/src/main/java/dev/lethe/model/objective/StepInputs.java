package dev.lethe.model.objective;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// What an objective reads from the host, learnt from the first step that it makes: from then on
/// all of a step's values go to the device in one copy, to where the step's work reads them.
///
/// Outside [#learn] and [#reading] each value is copied to the open arena when it is asked for.
public final class StepInputs implements AutoCloseable {
    private static final ScopedValue<Reader> READER = ScopedValue.newInstance();
    private static final int ALIGNMENT = 16; // elements, 64 bytes

    private sealed interface Source {}

    private record Values(StepBatch.Role role, Column column) implements Source {}

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

    /// I32 elements that the values of a part take.
    public long length(StepBatch part) {
        long length = 0;
        for (Source source : sources) {
            if (source instanceof Values values) {
                length += aligned(part.get(values.role()).ids().length);
            }
        }
        return length;
    }

    /// Writes the values of a part from an element on.
    public void write(StepBatch part, MemorySegment into, long from) {
        long at = from;
        for (Source source : sources) {
            if (source instanceof Values(StepBatch.Role role, Column column)) {
                int[] values = column.of(part.get(role));
                MemorySegment.copy(
                        values, 0, into, ValueLayout.JAVA_INT, at * Integer.BYTES, values.length);
                at += aligned(values.length);
            }
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
            Values asked = new Values(roleOf(batch), column);
            if (place == null) {
                sources.add(asked);
                return Tensor.ofInts(shape, column.of(batch));
            }
            if (!asked.equals(known())) {
                throw changed(asked);
            }
            Buffer buffer = place.slice(at, shape.size());
            at += aligned(shape.size());
            return Tensor.leaf(constants.backend(), buffer, shape, false);
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
