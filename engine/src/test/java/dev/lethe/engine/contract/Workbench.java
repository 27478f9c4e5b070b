package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;

/// Buffers for one kernel call. Each lies between guard elements, and closing fails if the kernel
/// touched a guard or changed an input.
final class Workbench implements AutoCloseable {
    /// Where buffers start: on a cache line, or one element behind it as slices may.
    enum Placement {
        ALIGNED,
        ODD
    }

    private static final int GUARD = 16; // elements, so that aligned buffers stay on a cache line
    private static final double GUARD_VALUE = 77.5; // exact in every floating-point type

    private final Backend backend;
    private final DType dtype;
    private final Placement placement;
    private final TensorArena arena;
    private final List<Guarded> guarded = new ArrayList<>();

    Workbench(Backend backend, DType dtype, Placement placement) {
        this.backend = backend;
        this.dtype = dtype;
        this.placement = placement;
        this.arena = backend.openStep();
    }

    Backend backend() {
        return backend;
    }

    DType dtype() {
        return dtype;
    }

    /// A buffer that kernels may only read.
    Buffer input(double... values) {
        return place(dtype, values, true);
    }

    /// As input, of another type than the tested: F32 statistics of BF16 values.
    Buffer input(DType type, double... values) {
        return place(type, values, true);
    }

    /// As input, of I32.
    Buffer ids(int... values) {
        return place(DType.I32, IntStream.of(values).asDoubleStream().toArray(), true);
    }

    /// A buffer with contents that kernels may change.
    Buffer changing(double... values) {
        return place(dtype, values, false);
    }

    Buffer changing(DType type, double... values) {
        return place(type, values, false);
    }

    /// A buffer full of NaN, to be overwritten.
    Buffer output(long length) {
        return output(dtype, length);
    }

    Buffer output(DType type, long length) {
        return place(type, Numbers.filled(Double.NaN, Math.toIntExact(length)), false);
    }

    private Buffer place(DType type, double[] values, boolean readOnly) {
        int before = GUARD + (placement == Placement.ODD ? 1 : 0);
        double[] all = Numbers.filled(GUARD_VALUE, before + values.length + GUARD);
        System.arraycopy(values, 0, all, before, values.length);
        Buffer whole = arena.allocate(type, all.length);
        write(backend, all, whole);
        Buffer inner = whole.slice(before, values.length);
        guarded.add(new Guarded(whole, before, readOnly ? values : null, values.length));
        return inner;
    }

    double[] read(Buffer buffer) {
        return read(backend, buffer);
    }

    @Override
    public void close() {
        try (arena) {
            guarded.forEach(one -> one.check(read(one.whole)));
        }
    }

    private record Guarded(Buffer whole, int before, double[] unchanged, int length) {
        void check(double[] now) {
            for (int i = 0; i < now.length; i++) {
                if (i < before || i >= before + length) {
                    // all types hold the guard's integer part or the guard itself
                    Assertions.assertEquals(
                            guard(),
                            now[i],
                            "a kernel wrote to element %d outside a buffer of %d"
                                    .formatted(i - before, length));
                }
            }
            if (unchanged != null) {
                Assertions.assertArrayEquals(
                        unchanged,
                        Arrays.copyOfRange(now, before, before + length),
                        "a kernel changed its input");
            }
        }

        private double guard() {
            return whole.dtype() == DType.I32 ? (int) GUARD_VALUE : GUARD_VALUE;
        }
    }

    static void write(Backend backend, double[] values, Buffer target) {
        try (Arena host = Arena.ofConfined()) {
            MemorySegment segment = host.allocate(Math.max(1, target.bytes()), 64);
            for (int i = 0; i < values.length; i++) {
                switch (target.dtype()) {
                    case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
                    case F64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, values[i]);
                    case BF16 ->
                            segment.setAtIndex(
                                    ValueLayout.JAVA_SHORT, i, BFloat16.of(values[i]));
                    case I32 -> segment.setAtIndex(ValueLayout.JAVA_INT, i, (int) values[i]);
                }
            }
            backend.upload(segment.asSlice(0, target.bytes()), target);
        }
    }

    static double[] read(Backend backend, Buffer source) {
        try (Arena host = Arena.ofConfined()) {
            MemorySegment segment = host.allocate(Math.max(1, source.bytes()), 64);
            backend.download(source, segment.asSlice(0, source.bytes()));
            double[] values = new double[Math.toIntExact(source.length())];
            for (int i = 0; i < values.length; i++) {
                values[i] =
                        switch (source.dtype()) {
                            case F32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                            case F64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
                            case BF16 ->
                                    BFloat16.toFloat(
                                            segment.getAtIndex(ValueLayout.JAVA_SHORT, i));
                            case I32 -> segment.getAtIndex(ValueLayout.JAVA_INT, i);
                        };
            }
            return values;
        }
    }
}
