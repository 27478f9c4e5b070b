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
        double sum = 0;
        for (int first = 0; first < head.rows(); first += tiling.rows()) {
            int count = Math.min(tiling.rows(), head.rows() - first);
            for (int tile = 0; tile < tiling.tiles(); tile++) {
                meet(first, count, tile);
            }
            for (int row = first; row < first + count; row++) {
                sum += loss.counts(row) ? loss.value(row) : 0;
            }
            for (int tile = 0; wantsGradient(wanted) && tile < tiling.tiles(); tile++) {
                differentiate(first, count, tile);
                multiplyBack(first, count, tile);
            }
        }
        return sum;
    }

    private void meet(int first, int count, int tile) {
        long logits = at(student, tile);
        long teacherLogits = at(taught, tile);
        multiply(head, first, count, tile, logits);
        if (teacher != null) {
            multiply(teacher, first, count, tile, teacherLogits);
        }
        for (int row = 0; row < count; row++) {
            if (loss.counts(first + row)) {
                long offset = rowOffset(row);
                loss.meet(
                        first + row,
                        tiling.first(tile),
                        tiling.width(tile),
                        logits + offset,
                        teacherLogits + offset);
            }
        }
    }

    private void differentiate(int first, int count, int tile) {
        int width = tiling.width(tile);
        for (int row = 0; row < count; row++) {
            long logits = at(student, tile) + rowOffset(row);
            if (loss.counts(first + row)) {
                long teacherLogits = at(taught, tile) + rowOffset(row);
                loss.differentiate(first + row, tiling.first(tile), width, logits, teacherLogits);
            } else {
                ElementwiseLoops.fill(0, logits, width);
            }
        }
    }

    private void multiply(Head from, int first, int count, int tile, long to) {
        gemm.f32(
                false, true, count, tiling.width(tile), from.width(),
                rowOf(from.hidden(), from, first), from.width(),
                rowOf(from.weight(), from, tiling.first(tile)), from.width(), false, to,
                tiling.stride());
    }

    private void multiplyBack(int first, int count, int tile) {
        long dLogits = at(student, tile);
        int column = tiling.first(tile);
        if (wanted.dHidden() != null) {
            gemm.f32(
                    false, false, count, head.width(), tiling.width(tile), dLogits,
                    tiling.stride(), rowOf(head.weight(), head, column), head.width(), tile > 0,
                    rowOf(wanted.dHidden(), head, first), head.width());
        }
        if (wanted.dWeight() != null) {
            gemm.f32(
                    true, false, tiling.width(tile), head.width(), count, dLogits,
                    tiling.stride(), rowOf(head.hidden(), head, first), head.width(), first > 0,
                    rowOf(wanted.dWeight(), head, column), head.width());
        }
    }

    private long at(long tiles, int tile) {
        return wantsGradient(wanted) ? tiles + tile * tiling.bytes() : tiles;
    }

    private long rowOffset(int row) {
        return (long) row * tiling.stride() * Float.BYTES;
    }

    private static long rowOf(Buffer matrix, Head head, int row) {
        return matrix.address() + (long) row * head.width() * Float.BYTES;
    }
}
