package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// A warp a row; the weight's gradient is added up in slabs of rows, and the slabs in their order.
final class CudaRmsNorm implements RmsNormKernels {
    static final KernelSource SOURCE =
            KernelSource.contracted(
                    "rmsnorm",
                    "rmsnorm_forward(const element* x, const element* weight, element* y,"
                            + " accumulator* inverseRms, int count, int width,"
                            + " accumulator epsilon)",
                    "rmsnorm_backward(const element* x, const element* weight,"
                            + " const accumulator* inverseRms, const element* dy, element* dx,"
                            + " int count, int width)",
                    "rmsnorm_backward_weight(const element* x, const accumulator* inverseRms,"
                            + " const element* dy, accumulator* parts, int count, int width,"
                            + " int slab)",
                    "rmsnorm_sum_slabs(const accumulator* parts, element* dWeight, int slabs,"
                            + " int width)");
    private static final Kernel FORWARD = SOURCE.kernel("rmsnorm_forward");
    private static final Kernel BACKWARD = SOURCE.kernel("rmsnorm_backward");
    private static final Kernel BACKWARD_WEIGHT = SOURCE.kernel("rmsnorm_backward_weight");
    private static final Kernel SUM_SLABS = SOURCE.kernel("rmsnorm_sum_slabs");

    private static final int WARPS = 8; // RMSNORM_WARPS of the source
    private static final int LEAST_ROWS = 32; // a slab
    private static final int MOST_SLABS = 64;

    private final CudaDevice device;
    private final KernelLauncher launcher;
    private final DeviceScratch scratch;

    CudaRmsNorm(CudaDevice device, KernelLauncher launcher, DeviceScratch scratch) {
        this.device = device;
        this.launcher = launcher;
        this.scratch = scratch;
    }

    @Override
    public void forward(Rows rows, Buffer x, Buffer weight, Buffer y, Buffer inverseRms) {
        DType dtype = inputs(rows, x, weight, inverseRms);
        Operands.exactly("rmsNorm: y", y, dtype, x.length());
        if (rows.count() > 0) {
            launcher.launch(
                    FORWARD,
                    dtype,
                    Grid.overWarps(rows.count()),
                    x,
                    weight,
                    y,
                    inverseRms,
                    rows.count(),
                    rows.width(),
                    rows.epsilon());
        }
    }

    @Override
    public void backward(Rows rows, Saved saved, Buffer dy, Buffer dx, Buffer dWeight) {
        DType dtype = inputs(rows, saved.x(), saved.weight(), saved.inverseRms());
        Operands.exactly("rmsNorm: dy", dy, dtype, saved.x().length());
        if (dx != null && rows.count() > 0) {
            Operands.exactly("rmsNorm: dx", dx, dtype, saved.x().length());
            launcher.launch(
                    BACKWARD,
                    dtype,
                    Grid.overWarps(rows.count()),
                    saved.x(),
                    saved.weight(),
                    saved.inverseRms(),
                    dy,
                    dx,
                    rows.count(),
                    rows.width());
        }
        if (dWeight != null) {
            Operands.exactly("rmsNorm: dWeight", dWeight, dtype, rows.width());
            weightGradient(rows, saved, dy, dWeight);
        }
    }

    private static DType inputs(Rows rows, Buffer x, Buffer weight, Buffer inverseRms) {
        DType dtype = Operands.floating("rmsNorm: x", x);
        Operands.exactly("rmsNorm: x", x, dtype, (long) rows.count() * rows.width());
        Operands.exactly("rmsNorm: weight", weight, dtype, rows.width());
        Operands.exactly("rmsNorm: inverseRms", inverseRms, dtype.accumulator(), rows.count());
        return dtype;
    }

    private void weightGradient(Rows rows, Saved saved, Buffer dy, Buffer dWeight) {
        DType dtype = dWeight.dtype();
        int width = rows.width();
        int slab = Math.max(LEAST_ROWS, Math.ceilDiv(rows.count(), MOST_SLABS));
        int slabs = Math.ceilDiv(rows.count(), slab);
        int tiles = (int) Math.ceilDiv(Grid.packs(width, dtype), 32);
        synchronized (device) { // from the scratch to its last use
            DeviceAddress parts =
                    scratch.bytes((long) slabs * width * dtype.accumulator().bytes());
            if (slabs > 0) {
                launcher.launch(
                        BACKWARD_WEIGHT,
                        dtype,
                        Grid.of(tiles, slabs, 32 * WARPS),
                        saved.x(),
                        saved.inverseRms(),
                        dy,
                        parts,
                        rows.count(),
                        width,
                        slab);
            }
            launcher.launch(SUM_SLABS, dtype, Grid.over(width), parts, dWeight, slabs, width);
        }
    }
}
