package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// The one check of each buffer before its address goes to the device.
final class Operands {
    private Operands() {}

    /// Fails unless the buffer has this type and length.
    static void exactly(String what, Buffer buffer, DType dtype, long length) {
        if (buffer.dtype() != dtype || buffer.length() != length) {
            throw new IllegalArgumentException(
                    "%s must be %d %s, got %d %s; pass a buffer of that size and type"
                            .formatted(what, length, dtype, buffer.length(), buffer.dtype()));
        }
    }

    /// Where a kernel reads the factor, or that it does not.
    static Object place(Factor factor) {
        return factor.place() == null ? DeviceAddress.NONE : factor.place();
    }

    /// Type of a buffer of floating-point numbers.
    static DType floating(String what, Buffer buffer) {
        if (!buffer.dtype().isFloating()) {
            throw new IllegalArgumentException(
                    "%s must be a floating-point type, got %s; ids are gathered, not computed with"
                            .formatted(what, buffer.dtype()));
        }
        return buffer.dtype();
    }

    /// Number of rows of `width` elements.
    static int rows(String what, Buffer buffer, int width) {
        if (width < 1 || buffer.length() % width != 0) {
            throw new IllegalArgumentException(
                    "%s must be whole rows of at least 1 element, got %d elements and width %d"
                            .formatted(what, buffer.length(), width));
        }
        return count(what, buffer.length() / width);
    }

    /// A count that kernels and libraries take as an int.
    static int count(String what, long count) {
        if (count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "%s: at most 2^31 - 1 are possible, got %d; use smaller micro-batches"
                            .formatted(what, count));
        }
        return (int) count;
    }

    /// Fails when the output shares memory with an input.
    static void apart(String what, Buffer output, Buffer input) {
        long from = output.address();
        if (input.address() < from + output.bytes() && from < input.address() + input.bytes()) {
            throw new IllegalArgumentException(
                    what + " must not overlap an input, got one that does; allocate it anew");
        }
    }
}
