package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.GatherKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// Rows by number. Adding them back sorts the numbers first, so that each row of the table is added
/// to by one block, in the order of the numbers, without atomics.
///
/// Ids are checked by the caller, before upload; one outside the table is a row of NaN here.
final class CudaGather implements GatherKernels {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "gather",
                    "gather_rows(const element* table, const int* ids, element* y, int rows,"
                            + " int width, long long n)",
                    "gather_sort_tiles(const int* ids, int count, long long* keys)",
                    "gather_merge_far(long long* keys, long long distance, long long length)",
                    "gather_merge_tiles(long long* keys, long long length)",
                    "gather_add_runs(const long long* keys, const element* x, element* table,"
                            + " int count, int rows, int width)");
    private static final Kernel ROWS = SOURCE.kernel("gather_rows");
    private static final Kernel SORT_TILES = SOURCE.kernel("gather_sort_tiles");
    private static final Kernel MERGE_FAR = SOURCE.kernel("gather_merge_far");
    private static final Kernel MERGE_TILES = SOURCE.kernel("gather_merge_tiles");
    private static final Kernel ADD_RUNS = SOURCE.kernel("gather_add_runs");

    private static final int TILE = 1024; // GATHER_TILE of the source
    private static final int MOST_IDS = 1 << 30;

    private final CudaDevice device;
    private final KernelLauncher launcher;
    private final DeviceScratch scratch;

    CudaGather(CudaDevice device, KernelLauncher launcher, DeviceScratch scratch) {
        this.device = device;
        this.launcher = launcher;
        this.scratch = scratch;
    }

    @Override
    public void gather(int width, Buffer table, Buffer ids, Buffer y) {
        int rows = Operands.rows("gather: table", table, width);
        Operands.exactly("gather: ids", ids, DType.I32, ids.length());
        Operands.exactly("gather: y", y, table.dtype(), ids.length() * width);
        Operands.apart("gather: y", y, table);
        if (y.length() > 0) {
            Grid grid = Grid.over(y.length());
            launcher.launch(ROWS, table.dtype(), grid, table, ids, y, rows, width, y.length());
        }
    }

    @Override
    public void scatterAdd(int width, Buffer x, Buffer ids, Buffer table) {
        DType dtype = Operands.floating("scatterAdd: table", table);
        int rows = Operands.rows("scatterAdd: table", table, width);
        Operands.exactly("scatterAdd: ids", ids, DType.I32, ids.length());
        Operands.exactly("scatterAdd: x", x, dtype, ids.length() * width);
        Operands.apart("scatterAdd: table", table, x);
        if (x.length() == 0) {
            return;
        }
        int count = Operands.count("scatterAdd: ids", ids.length());
        synchronized (device) { // from the scratch to its last use
            DeviceAddress keys = sorted(dtype, ids, count);
            Grid grid = Grid.ofRows(count, width);
            launcher.launch(ADD_RUNS, dtype, grid, keys, x, table, count, rows, width);
        }
    }

    /// Batcher's bitonic sort of ids with their places, tiles in shared memory.
    private DeviceAddress sorted(DType dtype, Buffer ids, int count) {
        if (count > MOST_IDS) {
            throw new IllegalArgumentException(
                    "scatterAdd: at most %d ids can be sorted, got %d; use smaller micro-batches"
                            .formatted(MOST_IDS, count));
        }
        long padded = Math.max(TILE, Long.highestOneBit(2L * count - 1));
        DeviceAddress keys = scratch.bytes(padded * Long.BYTES);
        Grid grid = Grid.of((int) (padded / TILE), TILE / 2);
        launcher.launch(SORT_TILES, dtype, grid, ids, count, keys);
        for (long length = 2L * TILE; length <= padded; length *= 2) {
            for (long distance = length / 2; distance >= TILE; distance /= 2) {
                launcher.launch(MERGE_FAR, dtype, grid, keys, distance, length);
            }
            launcher.launch(MERGE_TILES, dtype, grid, keys, length);
        }
        return keys;
    }
}
