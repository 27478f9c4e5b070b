package dev.lethe.model.checkpoint;

import dev.lethe.engine.memory.BFloat16;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Conversion of stored elements to the types that the engine computes in.
///
/// One plain loop a pair of types: a lambda an element would cost more than the reading itself.
final class ElementConversion {
    // A header of any length may come before the data, so nothing in a file is aligned for certain.
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private ElementConversion() {}

    static void copy(Entry entry, ElementType target, MemorySegment destination) {
        long expected = Math.multiplyExact(entry.elements(), target.bytes());
        if (destination.byteSize() != expected) {
            throw new IllegalArgumentException(
                    "tensor `%s`: %d elements as %s take %d bytes, the destination has %d"
                            .formatted(
                                    entry.name(),
                                    entry.elements(),
                                    target,
                                    expected,
                                    destination.byteSize()));
        }
        switch (target) {
            case F64 -> toF64(entry, destination);
            case F32 -> toF32(entry, destination);
            case I32 -> toI32(entry, destination);
            case BF16 -> toBf16(entry, destination);
            case F16, I64 ->
                    throw new IllegalArgumentException(
                            "tensor `%s`: expected a target of F64, F32, BF16 or I32, got %s"
                                    .formatted(entry.name(), target));
        }
    }

    private static void toF64(Entry entry, MemorySegment out) {
        MemorySegment in = entry.bytes();
        long n = entry.elements();
        switch (entry.dtype()) {
            case F64 -> MemorySegment.copy(in, F64, 0, out, DOUBLE, 0, n);
            case F32 -> {
                for (long i = 0; i < n; i++) out.setAtIndex(DOUBLE, i, in.getAtIndex(F32, i));
            }
            case BF16 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(DOUBLE, i, BFloat16.toFloat(in.getAtIndex(I16, i)));
            }
            case F16 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(DOUBLE, i, Float.float16ToFloat(in.getAtIndex(I16, i)));
            }
            case I64 -> {
                for (long i = 0; i < n; i++) out.setAtIndex(DOUBLE, i, in.getAtIndex(I64, i));
            }
            case I32 -> {
                for (long i = 0; i < n; i++) out.setAtIndex(DOUBLE, i, in.getAtIndex(I32, i));
            }
        }
    }

    private static void toF32(Entry entry, MemorySegment out) {
        MemorySegment in = entry.bytes();
        long n = entry.elements();
        switch (entry.dtype()) {
            case F64 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(FLOAT, i, (float) in.getAtIndex(F64, i));
            }
            case F32 -> MemorySegment.copy(in, F32, 0, out, FLOAT, 0, n);
            case BF16 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(FLOAT, i, BFloat16.toFloat(in.getAtIndex(I16, i)));
            }
            case F16 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(FLOAT, i, Float.float16ToFloat(in.getAtIndex(I16, i)));
            }
            case I64 -> {
                for (long i = 0; i < n; i++) out.setAtIndex(FLOAT, i, in.getAtIndex(I64, i));
            }
            case I32 -> {
                for (long i = 0; i < n; i++) out.setAtIndex(FLOAT, i, in.getAtIndex(I32, i));
            }
        }
    }

    /// What is stored in BF16 keeps its bits; all else is rounded to nearest once.
    private static void toBf16(Entry entry, MemorySegment out) {
        MemorySegment in = entry.bytes();
        long n = entry.elements();
        switch (entry.dtype()) {
            case BF16 -> MemorySegment.copy(in, I16, 0, out, SHORT, 0, n);
            case F64 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(SHORT, i, BFloat16.of(in.getAtIndex(F64, i)));
            }
            case F32 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(SHORT, i, BFloat16.of(in.getAtIndex(F32, i)));
            }
            case F16 -> {
                for (long i = 0; i < n; i++)
                    out.setAtIndex(
                            SHORT, i, BFloat16.of(Float.float16ToFloat(in.getAtIndex(I16, i))));
            }
            case I64, I32 ->
                    throw new CheckpointException(
                            ("tensor `%s`: expected floating-point numbers for BF16, got %s; store it"
                                            + " as F32")
                                    .formatted(entry.name(), entry.dtype()));
        }
    }

    private static void toI32(Entry entry, MemorySegment out) {
        MemorySegment in = entry.bytes();
        long n = entry.elements();
        switch (entry.dtype()) {
            case I64 -> {
                for (long i = 0; i < n; i++) {
                    long value = in.getAtIndex(I64, i);
                    if (value != (int) value) {
                        throw new CheckpointException(
                                ("tensor `%s`: element %d is %d; expected an integer of 32 bits;"
                                                + " store smaller numbers")
                                        .formatted(entry.name(), i, value));
                    }
                    out.setAtIndex(INT, i, (int) value);
                }
            }
            case I32 -> MemorySegment.copy(in, I32, 0, out, INT, 0, n);
            case F64, F32, BF16, F16 ->
                    throw new CheckpointException(
                            "tensor `%s`: expected integers (I64 or I32), got %s; store it as I64"
                                    .formatted(entry.name(), entry.dtype()));
        }
    }
}
