package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// cuDNN's, with the row's maximum subtracted; `softmax.cu` for BF16.
final class CudaSoftmax implements SoftmaxKernels {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "softmax",
                    "softmax_rows(const element* x, element* y, int width)",
                    "softmax_log_rows(const element* x, element* y, int width)");
    private static final Kernel ROWS = SOURCE.kernel("softmax_rows");
    private static final Kernel LOG_ROWS = SOURCE.kernel("softmax_log_rows");

    private final Cudnn cudnn;
    private final KernelLauncher launcher;

    CudaSoftmax(Cudnn cudnn, KernelLauncher launcher) {
        this.cudnn = cudnn;
        this.launcher = launcher;
    }

    @Override
    public void softmax(int width, Buffer x, Buffer y) {
        run("softmax", false, width, x, y);
    }

    @Override
    public void logSoftmax(int width, Buffer x, Buffer y) {
        run("logSoftmax", true, width, x, y);
    }

    private void run(String name, boolean logarithm, int width, Buffer x, Buffer y) {
        DType dtype = Operands.floating(name + ": x", x);
        int rows = Operands.rows(name + ": x", x, width);
        Operands.exactly(name + ": y", y, dtype, x.length());
        Operands.apart(name + ": y", y, x);
        if (dtype == DType.BF16) {
            if (rows > 0) {
                Kernel kernel = logarithm ? LOG_ROWS : ROWS;
                launcher.launch(kernel, dtype, Grid.ofRows(rows, width), x, y, width);
            }
            return;
        }
        int rowsAtOnce = Math.max(1, Integer.MAX_VALUE / width);
        for (int row = 0; row < rows; row += rowsAtOnce) {
            int count = Math.min(rowsAtOnce, rows - row);
            long offset = (long) row * width * dtype.bytes();
            cudnn.softmax(
                    logarithm,
                    new Cudnn.Extent(count, width, 1, dtype),
                    x.address() + offset,
                    y.address() + offset);
        }
    }
}
