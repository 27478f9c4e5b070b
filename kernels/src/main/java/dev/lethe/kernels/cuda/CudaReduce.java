package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// cuDNN, but where there is nothing to reduce, which it refuses; `reduce.cu` for BF16.
final class CudaReduce implements ReduceKernels {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "reduce",
                    "reduce_sum_rows(const element* x, element* y, int length)",
                    "reduce_max_rows(const element* x, element* y, int length)",
                    "reduce_sum_columns(const element* x, element* y, int length, int inner)",
                    "reduce_max_columns(const element* x, element* y, int length, int inner)");
    private static final Kernel SUM_ROWS = SOURCE.kernel("reduce_sum_rows");
    private static final Kernel MAX_ROWS = SOURCE.kernel("reduce_max_rows");
    private static final Kernel SUM_COLUMNS = SOURCE.kernel("reduce_sum_columns");
    private static final Kernel MAX_COLUMNS = SOURCE.kernel("reduce_max_columns");

    private static final int WARPS = 16; // REDUCE_WARPS of the source

    private final Cudnn cudnn;
    private final KernelLauncher launcher;
    private final ElementwiseKernels elementwise;

    CudaReduce(Cudnn cudnn, KernelLauncher launcher, ElementwiseKernels elementwise) {
        this.cudnn = cudnn;
        this.launcher = launcher;
        this.elementwise = elementwise;
    }

    @Override
    public void sum(Reduction reduction, Buffer x, Buffer y) {
        run("sum", false, reduction, x, y);
    }

    @Override
    public void max(Reduction reduction, Buffer x, Buffer y) {
        run("max", true, reduction, x, y);
    }

    private void run(String name, boolean maximum, Reduction r, Buffer x, Buffer y) {
        DType dtype = Operands.floating(name + ": x", x);
        long outputs = (long) r.outer() * r.inner();
        Operands.exactly(name + ": x", x, dtype, outputs * r.length());
        Operands.exactly(name + ": y", y, dtype, outputs);
        Operands.apart(name + ": y", y, x);
        Operands.count(name + ": elements of x", x.length());
        if (y.length() == 0) {
            return;
        }
        switch (r.length()) {
            case 0 -> elementwise.fill(maximum ? Double.NEGATIVE_INFINITY : 0, y);
            case 1 -> elementwise.copy(x, y);
            default -> {
                if (dtype == DType.BF16) {
                    launch(maximum, r, x, y);
                    return;
                }
                cudnn.reduce(
                        maximum,
                        new Cudnn.Extent(r.outer(), r.length(), r.inner(), dtype),
                        x.address(),
                        y.address());
            }
        }
    }

    private void launch(boolean maximum, Reduction r, Buffer x, Buffer y) {
        if (r.inner() == 1) {
            Kernel kernel = maximum ? MAX_ROWS : SUM_ROWS;
            Grid grid = Grid.ofRows(r.outer(), r.length());
            launcher.launch(kernel, x.dtype(), grid, x, y, r.length());
            return;
        }
        Kernel kernel = maximum ? MAX_COLUMNS : SUM_COLUMNS;
        Grid grid = Grid.of(r.outer() * ((r.inner() + 31) / 32), 32 * WARPS);
        launcher.launch(kernel, x.dtype(), grid, x, y, r.length(), r.inner());
    }
}
