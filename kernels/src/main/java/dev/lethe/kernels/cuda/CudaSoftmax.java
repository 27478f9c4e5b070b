package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// cuDNN's, with the row's maximum subtracted.
final class CudaSoftmax implements SoftmaxKernels {
    private final Cudnn cudnn;

    CudaSoftmax(Cudnn cudnn) {
        this.cudnn = cudnn;
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
