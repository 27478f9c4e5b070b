package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// Softmax of rows of `width` elements, the row's maximum subtracted first. In BF16 differences,
/// exponentials and their sum are F32 or wider; each element is rounded once.
public interface SoftmaxKernels {
    /// `y_i = exp(x_i) / sum_j exp(x_j)`.
    void softmax(int width, Buffer x, Buffer y);

    /// `y_i = x_i - log(sum_j exp(x_j))`.
    void logSoftmax(int width, Buffer x, Buffer y);
}
