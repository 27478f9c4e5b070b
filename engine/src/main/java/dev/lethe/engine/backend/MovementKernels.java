package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Shape;

/// Moves elements of any type without changing them; every output is contiguous and overwritten.
public interface MovementKernels {
    /// Repeats: `from` and `to` have one rank and differ only where `from` is 1.
    void broadcast(Shape from, Shape to, Buffer x, Buffer y);

    /// Axis `i` of the output is axis `permutation[i]` of the input.
    void transpose(Shape from, int[] permutation, Buffer x, Buffer y);

    /// `y = x[..., start : start + length, ...]` along `axis`.
    void slice(Shape from, int axis, int start, int length, Buffer x, Buffer y);

    /// The adjoint of slice: x placed at `start` along `axis` of a zero array of size `total` there.
    void pad(Shape from, int axis, int start, int total, Buffer x, Buffer y);
}
