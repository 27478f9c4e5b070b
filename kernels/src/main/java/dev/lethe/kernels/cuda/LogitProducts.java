package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.LinearLossKernels.Head;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.kernels.cuda.Cublas.Matrix;
import dev.lethe.kernels.cuda.CudaLinearLoss.Chunk;

/// The three products of a loss head, for a chunk of rows.
record LogitProducts(Cublas cublas) {
    /// `L = H W^T`
    void logits(Head head, Chunk chunk, DeviceAddress to) {
        cublas.multiply(
                new Cublas.Shape(1, chunk.count(), head.vocabulary(), head.width()),
                chunk.dtype(),
                rows(head.hidden(), head, chunk),
                new Matrix(head.weight().address(), head.width(), 0, true),
                new Matrix(to.value(), chunk.pitch(), 0, false),
                false);
    }

    /// `dH = L W` and `dW += L^T H`, those that are wanted, with the gradients of logits in L.
    void back(Head head, Chunk chunk, Wanted wanted) {
        if (wanted.dHidden() != null) {
            cublas.multiply(
                    new Cublas.Shape(1, chunk.count(), head.width(), head.vocabulary()),
                    chunk.dtype(),
                    new Matrix(chunk.logits().value(), chunk.pitch(), 0, false),
                    new Matrix(head.weight().address(), head.width(), 0, false),
                    rows(wanted.dHidden(), head, chunk),
                    false);
        }
        if (wanted.dWeight() != null) {
            cublas.multiply(
                    new Cublas.Shape(1, head.vocabulary(), head.width(), chunk.count()),
                    chunk.dtype(),
                    new Matrix(chunk.logits().value(), chunk.pitch(), 0, true),
                    rows(head.hidden(), head, chunk),
                    new Matrix(wanted.dWeight().address(), head.width(), 0, false),
                    chunk.first() > 0);
        }
    }

    /// The chunk's rows of `[rows, width]`.
    private static Matrix rows(Buffer all, Head head, Chunk chunk) {
        long from = (long) chunk.first() * head.width();
        return new Matrix(
                all.address() + from * all.dtype().bytes(), head.width(), 0, false);
    }
}
