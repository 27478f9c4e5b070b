package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// A warp a row, and the blocks' sums in their order; `dLoss` is read where it lies.
final class CudaMeanSquare implements MeanSquareKernels {
    static final KernelSource SOURCE =
            KernelSource.contracted(
                    "meansquare",
                    "meansquare_forward(const element* x, const element* target, const int* mask,"
                            + " int rows, int width, int targetStep, double* partials)",
                    "meansquare_loss(const double* partials, int count, double scale,"
                            + " const double* scalePlace, accumulator* loss)",
                    "meansquare_backward(const element* x, const element* target,"
                            + " const int* mask, const accumulator* dLoss, double scale,"
                            + " const double* scalePlace, element* dx, int rows, int width,"
                            + " int targetStep)");
    private static final Kernel FORWARD = SOURCE.kernel("meansquare_forward");
    private static final Kernel LOSS = SOURCE.kernel("meansquare_loss");
    private static final Kernel BACKWARD = SOURCE.kernel("meansquare_backward");

    private static final int THREADS = 256;
    private static final int MOST_BLOCKS = 1024;

    private final CudaDevice device;
    private final KernelLauncher launcher;
    private final DeviceScratch scratch;

    CudaMeanSquare(CudaDevice device, KernelLauncher launcher, DeviceScratch scratch) {
        this.device = device;
        this.launcher = launcher;
        this.scratch = scratch;
    }

    @Override
    public void forward(
            int width, Buffer x, Buffer target, Buffer mask, Factor scale, Buffer loss) {
        Rows rows = Rows.of(new Saved(width, x, target, mask));
        Operands.exactly("meanSquare: loss", loss, x.dtype().accumulator(), 1);
        int blocks = Math.clamp(Math.ceilDiv(rows.count, THREADS / 32), 1, MOST_BLOCKS);
        synchronized (device) { // from the scratch to its last use
            DeviceAddress partials = scratch.bytes((long) MOST_BLOCKS * Double.BYTES);
            launcher.launch(
                    FORWARD,
                    x.dtype(),
                    Grid.of(blocks, THREADS),
                    x,
                    target,
                    mask,
                    rows.count,
                    width,
                    rows.targetStep,
                    partials);
            launcher.launch(
                    LOSS,
                    x.dtype(),
                    Grid.of(1, THREADS),
                    partials,
                    blocks,
                    scale.value(),
                    Operands.place(scale),
                    loss);
        }
    }

    @Override
    public void backward(Saved saved, Factor scale, Buffer dLoss, Buffer dx) {
        Rows rows = Rows.of(saved);
        DType dtype = saved.x().dtype();
        Operands.exactly("meanSquare: dLoss", dLoss, dtype.accumulator(), 1);
        Operands.exactly("meanSquare: dx", dx, dtype, saved.x().length());
        if (rows.count == 0) {
            return;
        }
        launcher.launch(
                BACKWARD,
                dtype,
                Grid.overWarps(rows.count),
                saved.x(),
                saved.target(),
                saved.mask(),
                dLoss,
                scale.value(),
                Operands.place(scale),
                dx,
                rows.count,
                saved.width(),
                rows.targetStep);
    }

    /// @param targetStep 0 where one row of the target serves all
    private record Rows(int count, int targetStep) {
        static Rows of(Saved saved) {
            Buffer x = saved.x();
            DType dtype = Operands.floating("meanSquare: x", x);
            int width = saved.width();
            int count = Operands.rows("meanSquare: x", x, width);
            boolean one = saved.target().length() == width;
            Operands.exactly("meanSquare: target", saved.target(), dtype, one ? width : x.length());
            Operands.exactly("meanSquare: mask", saved.mask(), DType.I32, count);
            return new Rows(count, one ? 0 : width);
        }
    }
}
