package dev.lethe.model.checkpoint;

import java.util.List;

/// Sizes of shapes, with overflow told apart from large.
final class Shapes {
    private Shapes() {}

    /// The bytes that a tensor takes.
    ///
    /// @throws CheckpointException for a negative dimension or a size that overflows 64 bits
    static long bytes(String name, List<Long> shape, ElementType dtype) {
        long bytes = dtype.bytes();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new CheckpointException(
                        ("tensor `%s`: shape %s has a negative dimension; expected 0 or more; "
                                        + "write the file again")
                                .formatted(name, shape));
            }
            try {
                bytes = Math.multiplyExact(bytes, dimension);
            } catch (ArithmeticException _) {
                throw new CheckpointException(
                        ("tensor `%s`: shape %s of %s overflows 64 bits; expected a size in bytes;"
                                        + " write the file again")
                                .formatted(name, shape, dtype));
            }
        }
        return bytes;
    }
}
