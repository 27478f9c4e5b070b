package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// One launch for all that lies together, and everything from the gradients' norm to the new
/// parameters on the device: a step's launches are the same every time.
final class CudaOptimizer implements OptimizerKernels {
    static final KernelSource SOURCE =
            KernelSource.contracted(
                    "optimizer",
                    "optimizer_squares(const element* x, long long n, double* partials)",
                    "optimizer_sum(const double* partials, int count, double* sum)",
                    "optimizer_clip(const double* squares, int count, double clipNorm,"
                            + " double* step)",
                    "optimizer_adamw(const double* step, element* parameters,"
                            + " const element* gradients, element* m, element* v,"
                            + " bfloat16* rounded, long long n,"
                            + " accumulator beta1, accumulator rest1, accumulator beta2,"
                            + " accumulator rest2, accumulator epsilon)");
    private static final Kernel SQUARES = SOURCE.kernel("optimizer_squares");
    private static final Kernel SUM = SOURCE.kernel("optimizer_sum");
    private static final Kernel CLIP = SOURCE.kernel("optimizer_clip");
    private static final Kernel ADAMW = SOURCE.kernel("optimizer_adamw");

    private static final int THREADS = 256;
    private static final int PACKS_A_THREAD = 4; // before more blocks are taken
    private static final int MOST_BLOCKS = 1024;

    private final CudaDevice device;
    private final KernelLauncher launcher;
    private final DeviceScratch scratch;

    CudaOptimizer(CudaDevice device, KernelLauncher launcher, DeviceScratch scratch) {
        this.device = device;
        this.launcher = launcher;
        this.scratch = scratch;
    }

    @Override
    public boolean joinsRanges() {
        return true;
    }

    @Override
    public void adamW(
            Rule rule,
            Buffer step,
            Buffer parameters,
            Buffer gradients,
            Buffer m,
            Buffer v,
            Buffer rounded) {
        DType dtype = Operands.floating("adamW: parameters", parameters);
        long n = parameters.length();
        Operands.exactly("adamW: step", step, DType.F64, StepValue.COUNT);
        Operands.exactly("adamW: gradients", gradients, dtype, n);
        Operands.exactly("adamW: m", m, dtype, n);
        Operands.exactly("adamW: v", v, dtype, n);
        if (rounded != null) {
            Operands.exactly("adamW: rounded", rounded, DType.BF16, n);
            Operands.apart("adamW: rounded", rounded, parameters);
        }
        if (n == 0) {
            return;
        }
        launcher.launch(
                ADAMW,
                dtype,
                Grid.overPacks(n, dtype),
                step,
                parameters,
                gradients,
                m,
                v,
                rounded == null ? DeviceAddress.NONE : rounded,
                n,
                rule.beta1(),
                1 - rule.beta1(),
                rule.beta2(),
                1 - rule.beta2(),
                rule.epsilon());
    }

    @Override
    public void squaredNorm(Buffer x, Buffer sum) {
        DType dtype = Operands.floating("squaredNorm: x", x);
        Operands.exactly("squaredNorm: sum", sum, DType.F64, 1);
        long packs = Grid.packs(x.length(), dtype);
        int blocks = Math.clamp(packs / (THREADS * PACKS_A_THREAD), 1, MOST_BLOCKS);
        synchronized (device) { // from the scratch to its last use
            DeviceAddress partials = scratch.bytes((long) MOST_BLOCKS * Double.BYTES);
            launcher.launch(SQUARES, dtype, Grid.of(blocks, THREADS), x, x.length(), partials);
            launcher.launch(SUM, dtype, Grid.of(1, THREADS), partials, blocks, sum);
        }
    }

    @Override
    public void clip(double clipNorm, Buffer squares, Buffer step) {
        int count = Operands.count("clip: squares", squares.length());
        Operands.exactly("clip: squares", squares, DType.F64, count);
        Operands.exactly("clip: step", step, DType.F64, StepValue.COUNT);
        launcher.launch(
                CLIP, DType.F64, Grid.of(1, THREADS), squares, count, clipNorm, step);
    }
}
