package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.memory.DType;

/// Launch shapes of `attention.cu`, by the constants of `plaintiles.cuh` and `tensortiles.cuh`.
///
/// Shared memory stays below 48 KiB in F32 and F64 for every head dimension. In BF16 it grows with
/// the dimension, to 99 KiB at 256, which is what devices of capability 8.6, 8.9 and 12.0 offer.
record AttentionTiling(DType dtype, Heads heads) {
    /// The largest head dimension of the narrow kernels, and of all.
    static final int NARROW = 128;

    static final int MOST_DIM = 256;

    private static final int PLAIN_THREADS = 256;
    private static final int DEPTH = 32; // columns that pass through shared memory at a time

    private static final int TENSOR_THREADS = 128;
    private static final int FORWARD_COLUMNS = 64;
    private static final int BACKWARD_COLUMNS = 32;

    static AttentionTiling of(DType dtype, Heads heads) {
        return new AttentionTiling(dtype, heads);
    }

    Grid forward() {
        int bytes = onTensorCores() ? operands(rows() + 2 * FORWARD_COLUMNS) : slices();
        return grid(heads.queries(), heads.heads(), 1).withShared(bytes);
    }

    Grid backwardQuery() {
        int bytes = onTensorCores() ? operands(2 * rows() + 2 * BACKWARD_COLUMNS) : slices();
        return grid(heads.queries(), heads.heads(), 1).withShared(bytes);
    }

    /// A block makes so many columns of dk and dv as a narrow head has; there, it copies ahead.
    Grid backwardKey() {
        boolean narrow = heads.headDim() <= NARROW;
        int columns = (narrow ? 4 : 2) * BACKWARD_COLUMNS;
        int bytes = onTensorCores() ? operands(2 * rows() + columns) : slices();
        return grid(heads.keys(), heads.kvHeads(), narrow ? 1 : 2).withShared(bytes);
    }

    private boolean onTensorCores() {
        return dtype == DType.BF16;
    }

    private int rows() {
        return dtype == DType.F64 ? 32 : 64;
    }

    /// A block for each tile of the rows of each batch and head.
    private Grid grid(int length, int headCount, int parts) {
        long tiles = (length + rows() - 1) / rows();
        int blocks = Operands.count("attention: blocks", tiles * heads.batch() * headCount);
        return new Grid(blocks, parts, onTensorCores() ? TENSOR_THREADS : PLAIN_THREADS, 0);
    }

    /// Two slices of operands, and a tile of scores.
    private int slices() {
        int pack = 16 / dtype.bytes();
        return (2 * rows() * (DEPTH + pack) + rows() * (rows() + pack)) * dtype.bytes();
    }

    /// That many whole rows.
    private int operands(int rowCount) {
        int pitch = (heads.headDim() + 15) / 16 * 16 + 8;
        return rowCount * pitch * dtype.bytes();
    }
}
