package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// One pass over memory each way.
final class CudaGeglu implements GegluKernels {
    static final KernelSource SOURCE =
            KernelSource.contracted(
                    "geglu",
                    "geglu_forward(const element* gate, const element* up, element* y,"
                            + " long long n)",
                    "geglu_backward(const element* gate, const element* up, const element* dy,"
                            + " element* dGate, element* dUp, long long n)");
    private static final Kernel FORWARD = SOURCE.kernel("geglu_forward");
    private static final Kernel BACKWARD = SOURCE.kernel("geglu_backward");

    private final KernelLauncher launcher;

    CudaGeglu(KernelLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Buffer gate, Buffer up, Buffer y) {
        DType dtype = Operands.floating("geglu: gate", gate);
        long n = gate.length();
        Operands.exactly("geglu: up", up, dtype, n);
        Operands.exactly("geglu: y", y, dtype, n);
        if (n > 0) {
            launcher.launch(FORWARD, dtype, Grid.overPacks(n, dtype), gate, up, y, n);
        }
    }

    @Override
    public void backward(Buffer gate, Buffer up, Buffer dy, Buffer dGate, Buffer dUp) {
        DType dtype = Operands.floating("geglu: gate", gate);
        long n = gate.length();
        Operands.exactly("geglu: up", up, dtype, n);
        Operands.exactly("geglu: dy", dy, dtype, n);
        Operands.exactly("geglu: dGate", dGate, dtype, n);
        Operands.exactly("geglu: dUp", dUp, dtype, n);
        if (n > 0) {
            Grid grid = Grid.overPacks(n, dtype);
            launcher.launch(BACKWARD, dtype, grid, gate, up, dy, dGate, dUp, n);
        }
    }
}
