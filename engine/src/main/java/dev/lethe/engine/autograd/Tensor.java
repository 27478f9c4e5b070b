package dev.lethe.engine.autograd;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// An immutable handle on a contiguous, row-major array: shape, element type, buffer, and the node
/// that made it. Operations are static factories, one in a file: `add(x, y)`, `rmsNorm(x, w, 1e-6)`.
///
/// A tensor lives as long as its arena; in one that is reopened step after step
/// ([TensorArena#reopen]) it is the tensor of the same place in the next step. A *leaf* has no node; it takes part in differentiation when
/// it [#requiresGradient].
public final class Tensor {
    private final Backend backend;
    private final Buffer buffer;
    private final Shape shape;
    private final boolean leafGradient;
    private Node node; // set once a step
    private Node earlier; // of the step before, where the arena was reopened
    private Tensor view; // the last one under another shape, for the step after
    private long opening; // of the arena that this was made in; 0 unless reopened
    private double constant = Double.NaN; // every element, where the host knows it; else NaN

    private Tensor(Backend backend, Buffer buffer, Shape shape, boolean leafGradient) {
        if (buffer.length() != shape.size()) {
            throw new IllegalArgumentException(
                    "tensor: shape %s needs %d elements, the buffer has %d"
                            .formatted(shape, shape.size(), buffer.length()));
        }
        this.backend = backend;
        this.buffer = buffer;
        this.shape = shape;
        this.leafGradient = leafGradient;
    }

    /// A leaf over existing memory, for instance a view of the flat parameter buffer.
    public static Tensor leaf(
            Backend backend, Buffer buffer, Shape shape, boolean requiresGradient) {
        if (requiresGradient && !buffer.dtype().isFloating()) {
            throw new IllegalArgumentException(
                    "leaf: only floating-point tensors have gradients, got " + buffer.dtype());
        }
        return new Tensor(backend, buffer, shape, requiresGradient);
    }

    /// A constant in the current arena.
    public static Tensor of(DType dtype, Shape shape, double... values) {
        requireCount("of", shape, values.length);
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException(
                    "of: expected F32, F64 or BF16, got I32; use ofInts");
        }
        byte[] bytes = new byte[values.length * dtype.bytes()];
        MemorySegment host = MemorySegment.ofArray(bytes);
        for (int i = 0; i < values.length; i++) {
            long at = (long) dtype.bytes() * i;
            switch (dtype) {
                case F32 -> host.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) values[i]);
                case F64 -> host.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, values[i]);
                case BF16 ->
                        host.set(
                                ValueLayout.JAVA_SHORT_UNALIGNED, at, BFloat16.of(values[i]));
                case I32 -> throw new AssertionError("refused above");
            }
        }
        return upload(dtype, shape, host);
    }

    /// I32 ids in the current arena.
    public static Tensor ofInts(Shape shape, int... values) {
        requireCount("ofInts", shape, values.length);
        return upload(DType.I32, shape, MemorySegment.ofArray(values));
    }

    public static Tensor filled(DType dtype, Shape shape, double value) {
        TensorArena arena = TensorArena.current("filled");
        Buffer buffer = arena.allocate(dtype, shape.size());
        arena.backend().elementwise().fill(value, buffer);
        Tensor filled = handle(arena, buffer, shape);
        filled.constant = rounded(dtype, value);
        return filled;
    }

    private static double rounded(DType dtype, double value) {
        return switch (dtype) {
            case F64 -> value;
            case F32 -> (float) value;
            case BF16 -> BFloat16.round(value);
            case I32 -> Double.NaN;
        };
    }

    public static Tensor zeros(DType dtype, Shape shape) {
        return filled(dtype, shape, 0);
    }

    private static void requireCount(String what, Shape shape, int count) {
        if (shape.size() != count) {
            throw new IllegalArgumentException(
                    "%s: shape %s needs %d values, got %d"
                            .formatted(what, shape, shape.size(), count));
        }
    }

    private static Tensor upload(DType dtype, Shape shape, MemorySegment host) {
        TensorArena arena = TensorArena.current("tensor");
        Buffer buffer = arena.allocate(dtype, shape.size());
        arena.backend().upload(host, buffer);
        return handle(arena, buffer, shape);
    }

    /// The memory for an operation's result, once its inputs are seen to be alive and of one home.
    static Tensor result(String operation, DType dtype, Shape shape, Tensor... inputs) {
        TensorArena arena = TensorArena.current(operation);
        for (int i = 0; i < inputs.length; i++) {
            inputs[i].requireUsable(operation, i, arena.backend());
        }
        return handle(arena, arena.allocate(dtype, shape.size()), shape);
    }

    /// As above for one input, without an array.
    static Tensor result(String operation, DType dtype, Shape shape, Tensor x) {
        TensorArena arena = TensorArena.current(operation);
        x.requireUsable(operation, 0, arena.backend());
        return handle(arena, arena.allocate(dtype, shape.size()), shape);
    }

    /// As above for two inputs.
    static Tensor result(String operation, DType dtype, Shape shape, Tensor a, Tensor b) {
        TensorArena arena = TensorArena.current(operation);
        a.requireUsable(operation, 0, arena.backend());
        b.requireUsable(operation, 1, arena.backend());
        return handle(arena, arena.allocate(dtype, shape.size()), shape);
    }

    /// As above for three inputs.
    static Tensor result(
            String operation, DType dtype, Shape shape, Tensor a, Tensor b, Tensor c) {
        TensorArena arena = TensorArena.current(operation);
        a.requireUsable(operation, 0, arena.backend());
        b.requireUsable(operation, 1, arena.backend());
        c.requireUsable(operation, 2, arena.backend());
        return handle(arena, arena.allocate(dtype, shape.size()), shape);
    }

    /// As above for none.
    static Tensor result(String operation, DType dtype, Shape shape) {
        TensorArena arena = TensorArena.current(operation);
        return handle(arena, arena.allocate(dtype, shape.size()), shape);
    }

    /// A handle on the buffer last handed out: in a reopened arena that of the step before, where it
    /// is the same.
    private static Tensor handle(TensorArena arena, Buffer buffer, Shape shape) {
        if (arena.attached() instanceof Tensor before && before.shape.equals(shape)) {
            before.again(arena.opening());
            return before;
        }
        Tensor made = new Tensor(arena.backend(), buffer, shape, false);
        made.opening = arena.opening();
        arena.attach(made);
        return made;
    }

    private void again(long now) {
        if (node != null) {
            earlier = node;
            node = null;
        }
        constant = Double.NaN;
        opening = now;
    }

    private void requireUsable(String operation, int position, Backend home) {
        if (!buffer.isLive()) {
            throw new IllegalStateException(
                    "%s: input %d %s was made in an arena that has closed; copy what must outlive a step"
                            .formatted(operation, position, this));
        }
        if (backend != home) {
            throw new IllegalArgumentException(
                    "%s: input %d %s lives on %s, the open arena on %s; open an arena of that backend"
                            .formatted(operation, position, this, backend.name(), home.name()));
        }
    }

    /// `axis` of this tensor as a number from 0 to rank-1.
    int axis(String operation, int axis) {
        int rank = shape.rank();
        if (axis < -rank || axis >= rank) {
            throw new IllegalArgumentException(
                    "%s: expected an axis of %s, which has %d, got %d"
                            .formatted(operation, this, rank, axis));
        }
        return shape.axis(axis);
    }

    /// The same memory under another shape, without history.
    Tensor viewed(Shape other) {
        if (opening > 0 && view != null && view.opening != opening && view.shape.equals(other)) {
            view.again(opening);
            return view;
        }
        Tensor made = new Tensor(backend, buffer, other, false);
        made.opening = opening;
        view = opening > 0 ? made : null;
        return made;
    }

    /// States which node made this result.
    void madeBy(Node maker) {
        node = maker;
    }

    /// The node that made this tensor a step ago; null where there is none to use again.
    Node earlier() {
        return earlier;
    }

    /// The same values without history: no gradient flows through.
    public Tensor detach() {
        return requiresGradient() ? new Tensor(backend, buffer, shape, false) : this;
    }

    /// What the node of a step ago kept, which serves again where nothing in it is new.
    Object savedEarlier() {
        return earlier == null ? null : earlier.saved();
    }

    public Shape shape() {
        return shape;
    }

    public DType dtype() {
        return buffer.dtype();
    }

    public Buffer buffer() {
        return buffer;
    }

    public Backend backend() {
        return backend;
    }

    Node node() {
        return node;
    }

    /// Whether differentiation passes through this tensor.
    public boolean requiresGradient() {
        return leafGradient || node != null;
    }

    /// Whether every element is 1, as the host knows without asking the device.
    boolean isKnownOnes() {
        return constant == 1;
    }

    /// The same memory, of which the host knows nothing: it is about to be written to.
    Tensor unknown() {
        return Double.isNaN(constant) ? this : new Tensor(backend, buffer, shape, false);
    }

    /// The only element of a scalar. Waits for the device, unless it is a constant's.
    public double item() {
        if (shape.size() != 1) {
            throw new IllegalStateException("item: expected one element, got shape " + shape);
        }
        return Double.isNaN(constant) ? toDoubles()[0] : constant;
    }

    /// Copies floating-point values to the Java heap.
    public double[] toDoubles() {
        int count = Math.toIntExact(shape.size());
        double[] values = new double[count];
        switch (dtype()) {
            case F64 -> backend.download(buffer, MemorySegment.ofArray(values));
            case F32 -> {
                float[] floats = new float[count];
                backend.download(buffer, MemorySegment.ofArray(floats));
                Arrays.setAll(values, i -> floats[i]);
            }
            case BF16 -> {
                short[] bits = new short[count];
                backend.download(buffer, MemorySegment.ofArray(bits));
                Arrays.setAll(values, i -> BFloat16.toFloat(bits[i]));
            }
            case I32 -> {
                int[] ints = toInts();
                Arrays.setAll(values, i -> ints[i]);
            }
        }
        return values;
    }

    /// Copies floating-point values to the Java heap as floats.
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(shape.size())];
        if (dtype() == DType.F32) {
            backend.download(buffer, MemorySegment.ofArray(values));
        } else {
            double[] doubles = toDoubles();
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) doubles[i];
            }
        }
        return values;
    }

    /// Copies I32 values to the Java heap.
    public int[] toInts() {
        if (dtype() != DType.I32) {
            throw new IllegalStateException("toInts: expected an I32 tensor, got " + this);
        }
        int[] values = new int[Math.toIntExact(shape.size())];
        backend.download(buffer, MemorySegment.ofArray(values));
        return values;
    }

    @Override
    public String toString() {
        return dtype() + shape.toString() + (node == null ? "" : " from " + node.op().name());
    }
}
