package dev.lethe.model.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// One named tensor as it lies in a file: row-major elements, little-endian.
///
/// The bytes of an entry that was read are a read-only view of the mapped file and end with it; use
/// after its close is an [IllegalStateException].
///
/// @param shape dimensions, outermost first; empty for a scalar
/// @param bytes exactly `elements() * dtype.bytes()` bytes, at any alignment
public record Entry(String name, ElementType dtype, List<Long> shape, MemorySegment bytes) {
    public Entry {
        shape = List.copyOf(shape);
        long expected = Shapes.bytes(name, shape, dtype);
        if (bytes.byteSize() != expected) {
            throw new CheckpointException(
                    "tensor `%s`: %s %s takes %d bytes, got %d; make shape and data agree"
                            .formatted(name, dtype, shape, expected, bytes.byteSize()));
        }
    }

    /// The number of elements, the product of the dimensions.
    public long elements() {
        return bytes.byteSize() / dtype.bytes();
    }

    /// Copies all elements, converted to `target`, into `destination` in the machine's byte order.
    ///
    /// Widening is exact; a narrower floating-point type rounds to nearest, as does an integer that
    /// becomes floating-point.
    ///
    /// @param target F64, F32 or I32
    /// @param destination exactly `elements() * target.bytes()` bytes
    /// @throws CheckpointException for a floating-point tensor asked for as I32, or an I64 that
    /// does not fit
    public void copyTo(ElementType target, MemorySegment destination) {
        ElementConversion.copy(this, target, destination);
    }

    /// All elements as doubles, row-major.
    public double[] toDoubles() {
        double[] values = new double[arrayLength()];
        copyTo(ElementType.F64, MemorySegment.ofArray(values));
        return values;
    }

    /// All elements as floats, row-major, rounded to nearest.
    public float[] toFloats() {
        float[] values = new float[arrayLength()];
        copyTo(ElementType.F32, MemorySegment.ofArray(values));
        return values;
    }

    /// All elements of an integer tensor as ints, row-major.
    ///
    /// @throws CheckpointException for a floating-point tensor, or an I64 that does not fit
    public int[] toInts() {
        int[] values = new int[arrayLength()];
        copyTo(ElementType.I32, MemorySegment.ofArray(values));
        return values;
    }

    private int arrayLength() {
        if (elements() > Integer.MAX_VALUE - 8) {
            throw new CheckpointException(
                    ("tensor `%s`: %d elements do not fit a Java array; "
                                    + "copy them into a memory segment")
                            .formatted(name, elements()));
        }
        return (int) elements();
    }
}
