package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.LinearLossKernels.Head;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.memory.Buffer;

/// One run of a loss head over checked buffers, block by block of rows: `L = H W^T` tile by tile of
/// the vocabulary, each met while it is in cache, and once all were, tile by tile the gradient in
/// place of L, `dH += L W` and `dW += L^T H`.
///
/// Without gradients one tile is all that is held.
///
/// @param teacher null where there is none
/// @param student address of the tiles of a block
/// @param taught the same of the teacher
record LinearLossPass(
        Gemm gemm,
        Head head,
        Head teacher,
        Wanted wanted,
        LogitTiling tiling,
        RowLoss loss,
        long student,
        long taught) {
    /// Bytes of the tiles of one head.
    static long bytes(LogitTiling tiling, Wanted wanted) {
        return wantsGradient(wanted) ? tiling.tiles() * tiling.bytes() : tiling.bytes();
    }

    private static boolean wantsGradient(Wanted wanted) {
        return wanted.dHidden() != null || wanted.dWeight() != null;
    }

    /// The losses of all rows, summed in F64, row after row.
    double run() {
        loss.clear(head.rows());
        int last = tiling.tiles() - 1;
        double sum = 0;
        for (int first = 0; first < head.rows(); first += tiling.rows()) {
            int count = Math.min(tiling.rows(), head.rows() - first);
            for (int tile = 0; tile < last; tile++) {
                multiply(first, count, tile);
                for (int row = 0; row < count; row++) {
                    meet(first, row, tile);
                }
            }
            // What was met whole is at once differentiated where it lies in cache.
            multiply(first, count, last);
            for (int row = 0; row < count; row++) {
                meet(first, row, last);
                sum += loss.counts(first + row) ? loss.value(first + row) : 0;
                differentiate(first, row, last, true);
            }
            multiplyBack(first, count, last, false);
            for (int tile = 0; wantsGradient(wanted) && tile < last; tile++) {
                for (int row = 0; row < count; row++) {
                    differentiate(first, row, tile, false);
                }
                multiplyBack(first, count, tile, true);
            }
        }
        return sum;
    }

    private void meet(int first, int row, int tile) {
        if (loss.counts(first + row)) {
            loss.meet(
                    first + row,
                    tiling.first(tile),
                    tiling.width(tile),
                    at(student, row, tile),
                    at(taught, row, tile));
        }
    }

    private void differentiate(int first, int row, int tile, boolean justMet) {
        if (!wantsGradient(wanted)) {
            return;
        }
        long logits = at(student, row, tile);
        int width = tiling.width(tile);
        if (loss.counts(first + row)) {
            long teacherLogits = at(taught, row, tile);
            loss.differentiate(
                    first + row, tiling.first(tile), width, logits, teacherLogits, justMet);
        } else {
            ElementwiseLoops.fill(0, logits, width);
        }
    }

    private void multiply(int first, int count, int tile) {
        multiply(head, first, count, tile, at(student, 0, tile));
        if (teacher != null) {
            multiply(teacher, first, count, tile, at(taught, 0, tile));
        }
    }

    private void multiply(Head from, int first, int count, int tile, long to) {
        gemm.f32(
                false, true, count, tiling.width(tile), from.width(),
                rowOf(from.hidden(), from, first), from.width(),
                rowOf(from.weight(), from, tiling.first(tile)), from.width(), false, to,
                tiling.columns());
    }

    private void multiplyBack(int first, int count, int tile, boolean more) {
        long dLogits = at(student, 0, tile);
        int column = tiling.first(tile);
        if (wanted.dHidden() != null) {
            gemm.f32(
                    false, false, count, head.width(), tiling.width(tile), dLogits,
                    tiling.columns(), rowOf(head.weight(), head, column), head.width(), more,
                    rowOf(wanted.dHidden(), head, first), head.width());
        }
        if (wanted.dWeight() != null) {
            gemm.f32(
                    true, false, tiling.width(tile), head.width(), count, dLogits,
                    tiling.columns(), rowOf(head.hidden(), head, first), head.width(), first > 0,
                    rowOf(wanted.dWeight(), head, column), head.width());
        }
    }

    /// Address of a row of a tile.
    private long at(long tiles, int row, int tile) {
        long offset = (long) row * tiling.columns() * Float.BYTES;
        return wantsGradient(wanted) ? tiles + tile * tiling.bytes() + offset : tiles + offset;
    }

    private static long rowOf(Buffer matrix, Head head, int row) {
        return matrix.address() + (long) row * head.width() * Float.BYTES;
    }
}
