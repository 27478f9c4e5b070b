package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// Kernels of [dev.lethe.engine.autograd.MaskedMeanSquare]. BF16 x, target and dx: loss and dLoss
/// are F32, dx is rounded once.
public interface MeanSquareKernels {
    /// `loss = scale sum (x - target)^2` over the rows where `mask` is not 0; `target` has as many rows as x or
    /// one, used for all.
    void forward(int width, Buffer x, Buffer target, Buffer mask, Factor scale, Buffer loss);

    /// `dx = dLoss 2 scale (x - target)`, 0 in masked rows; `dLoss` is one element.
    void backward(Saved saved, Factor scale, Buffer dLoss, Buffer dx);

    record Saved(int width, Buffer x, Buffer target, Buffer mask) {}
}
