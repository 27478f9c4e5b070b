package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// cuDNN, but where there is nothing to reduce, which it refuses.
final class CudaReduce implements ReduceKernels {
    private final Cudnn cudnn;
    private final ElementwiseKernels elementwise;

    CudaReduce(Cudnn cudnn, ElementwiseKernels elementwise) {
        this.cudnn = cudnn;
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
            default ->
                    cudnn.reduce(
                            maximum,
                            new Cudnn.Extent(r.outer(), r.length(), r.inner(), dtype),
                            x.address(),
                            y.address());
        }
    }
}
