package dev.lethe.engine.autograd;

/// An operation with its attributes, as a value. The `permits` clauses of [Primitive] and [Fused] are
/// the registry of all operations; a test walks them and fails for one that has no gradient test.
public sealed interface Op permits Primitive, Fused {
    /// As in errors and profiles: `matMul`, `rmsNorm`.
    default String name() {
        return OpName.of(getClass());
    }

    /// The gradients of the inputs given that of the output, one an input; null where `needed` is false.
    /// Never writes into inputs, output or saved values.
    Tensor[] backward(Node node, Tensor gradient, boolean[] needed);

    /// Puts the gradient of one input where it belongs, for an operation that needs no memory of its own
    /// in between.
    ///
    /// @param add onto what `into` holds; else overwriting it
    /// @return false: nothing was done, and [#backward] is to be asked
    default boolean backwardInto(
            Node node, Tensor gradient, int input, Tensor into, boolean add) {
        return false;
    }
}
