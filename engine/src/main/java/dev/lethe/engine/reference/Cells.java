package dev.lethe.engine.reference;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Elements of a floating-point buffer, read and written as doubles.
///
/// F32 arithmetic is one double operation and one [#round(double)] a step. For `+ - * /` and the
/// square root that is exactly the float operation, since a double has more than twice the bits.
/// BF16 arithmetic is that of F32, and [#set] rounds its result once.
final class Cells {
    @SuppressWarnings("restricted") // lengths are checked when the cells are made
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final long address;
    private final DType dtype;

    private Cells(Buffer buffer) {
        this.address = buffer.address();
        this.dtype = buffer.dtype();
    }

    /// The cells of a buffer that must be of type `dtype` and hold `length` elements.
    ///
    /// @param operand operation and name of the buffer, for the error: `"softmax: y"`
    static Cells of(String operand, Buffer buffer, DType dtype, long length) {
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException(
                    "%s must be F32, F64 or BF16, got %s; convert it on the host"
                            .formatted(operand, dtype));
        }
        require(operand, buffer, dtype, length);
        return new Cells(buffer);
    }

    /// As [#of(String, Buffer, DType, long)] for a buffer that sets type and length itself.
    static Cells of(String operand, Buffer buffer) {
        return of(operand, buffer, buffer.dtype(), buffer.length());
    }

    /// Fails unless the buffer has this type and length.
    static void require(String operand, Buffer buffer, DType dtype, long length) {
        if (buffer.dtype() != dtype || buffer.length() != length) {
            throw new IllegalArgumentException(
                    "%s must hold %d %s elements, got %d %s; allocate it with that length and type"
                            .formatted(operand, length, dtype, buffer.length(), buffer.dtype()));
        }
    }

    double get(long index) {
        return switch (dtype) {
            case F32 -> MEMORY.get(ValueLayout.JAVA_FLOAT, address + index * Float.BYTES);
            case F64 -> MEMORY.get(ValueLayout.JAVA_DOUBLE, address + index * Double.BYTES);
            case BF16 ->
                    BFloat16.toFloat(
                            MEMORY.get(ValueLayout.JAVA_SHORT, address + index * Short.BYTES));
            case I32 -> throw new AssertionError("cells are floating-point");
        };
    }

    void set(long index, double value) {
        switch (dtype) {
            case F32 ->
                    MEMORY.set(
                            ValueLayout.JAVA_FLOAT, address + index * Float.BYTES, (float) value);
            case F64 -> MEMORY.set(ValueLayout.JAVA_DOUBLE, address + index * Double.BYTES, value);
            case BF16 ->
                    MEMORY.set(
                            ValueLayout.JAVA_SHORT,
                            address + index * Short.BYTES,
                            BFloat16.of(value));
            case I32 -> throw new AssertionError("cells are floating-point");
        }
    }

    /// `value` as the result of one step of arithmetic: the nearest float for F32 and BF16, itself
    /// for F64.
    double round(double value) {
        return switch (dtype) {
            case F32, BF16 -> (float) value;
            case F64 -> value;
            case I32 -> throw new AssertionError("cells are floating-point");
        };
    }
}
