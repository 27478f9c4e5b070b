package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.LinearLossKernels.Head;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.Cublas.Matrix;
import dev.lethe.kernels.cuda.CudaLinearLoss.Chunk;

/// The three products of a loss head, for a chunk of rows. Logits are in the type of sums; their
/// gradients, of the type of hidden states, begin where the rows of logits did.
record LogitProducts(Cublas cublas) {
    /// Where something is added up, and in which type.
    record Sum(long address, DType dtype) {}

    /// `L = H W^T`
    void logits(Head head, Chunk chunk, DeviceAddress to) {
        DType sums = chunk.dtype().accumulator();
        cublas.multiply(
                new Cublas.Shape(1, chunk.count(), head.vocabulary(), head.width()),
                rows(head.hidden(), head, chunk),
                weight(head, true),
                new Matrix(to.value(), sums, chunk.pitch(), 0, false),
                false);
    }

    /// The chunk's rows of `dH = L W`, with the gradients of logits in L.
    void dHidden(Head head, Chunk chunk, Buffer dHidden) {
        cublas.multiply(
                new Cublas.Shape(1, chunk.count(), head.width(), head.vocabulary()),
                gradients(chunk, false),
                weight(head, false),
                rows(dHidden, head, chunk),
                false);
    }

    /// `dW = L^T H` for the first chunk, added for the others.
    void dWeight(Head head, Chunk chunk, Sum dWeight) {
        cublas.multiply(
                new Cublas.Shape(1, head.vocabulary(), head.width(), chunk.count()),
                gradients(chunk, true),
                rows(head.hidden(), head, chunk),
                new Matrix(dWeight.address, dWeight.dtype, head.width(), 0, false),
                chunk.first() > 0);
    }

    private static Matrix gradients(Chunk chunk, boolean transposed) {
        int narrower = chunk.dtype().accumulator().bytes() / chunk.dtype().bytes();
        int pitch = chunk.pitch() * narrower;
        return new Matrix(chunk.logits().value(), chunk.dtype(), pitch, 0, transposed);
    }

    /// `[rows, width]`, from the chunk's first row.
    private static Matrix rows(Buffer all, Head head, Chunk chunk) {
        long from = (long) chunk.first() * head.width() * all.dtype().bytes();
        return new Matrix(all.address() + from, all.dtype(), head.width(), 0, false);
    }

    private static Matrix weight(Head head, boolean transposed) {
        Buffer weight = head.weight();
        return new Matrix(weight.address(), weight.dtype(), head.width(), 0, transposed);
    }
}
