package dev.lethe.kernels.cpu;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// The one check of each buffer, after which a kernel trusts its address.
final class Expect {
    private Expect() {}

    /// Address of a buffer of exactly this type and length.
    static long exactly(String what, Buffer buffer, DType dtype, long length) {
        if (buffer.dtype() != dtype || buffer.length() != length) {
            throw new IllegalArgumentException(
                    "%s must be %d %s, got %d %s; pass a buffer of that size and type"
                            .formatted(what, length, dtype, buffer.length(), buffer.dtype()));
        }
        return buffer.address();
    }

    /// As above, naming the buffer only where it does not fit.
    static long exactly(
            String operation, String what, Buffer buffer, DType dtype, long length) {
        return buffer.dtype() == dtype && buffer.length() == length
                ? buffer.address()
                : exactly(operation + ": " + what, buffer, dtype, length);
    }

    static long floats(String what, Buffer buffer, long length) {
        return exactly(what, buffer, DType.F32, length);
    }

    static long floats(String operation, String what, Buffer buffer, long length) {
        return exactly(operation, what, buffer, DType.F32, length);
    }

    static long ints(String what, Buffer buffer, long length) {
        return exactly(what, buffer, DType.I32, length);
    }

    /// Type of a buffer of floating-point numbers.
    static DType floating(String what, Buffer buffer) {
        if (buffer.dtype() != DType.F32 && buffer.dtype() != DType.F64) {
            throw new IllegalArgumentException(
                    "%s must be F32 or F64, got %s; only these are computed with here"
                            .formatted(what, buffer.dtype()));
        }
        return buffer.dtype();
    }

    /// Number of elements, for loops that count in ints.
    static int count(String what, Buffer buffer) {
        if (buffer.length() > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException(
                    "%s must have fewer than 2^31 elements, got %d; use smaller micro-batches or a smaller model"
                            .formatted(what, buffer.length()));
        }
        return (int) buffer.length();
    }

    /// Number of rows of `width` elements.
    static int rows(String what, Buffer buffer, int width) {
        if (width < 1 || buffer.length() % width != 0) {
            throw new IllegalArgumentException(
                    "%s must be whole rows of at least 1 element, got %d elements and width %d"
                            .formatted(what, buffer.length(), width));
        }
        return count(what, buffer) / width;
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
