package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.PerturbationKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// Draws and mixes where the weights lie, with no memory of its own.
final class CudaPerturbation implements PerturbationKernels {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "perturbation",
                    "perturbation_apply(element* w, long long n, long long seed, int purpose,"
                            + " int stream, accumulator keep, accumulator strength)");
    private static final Kernel APPLY = SOURCE.kernel("perturbation_apply");

    private final KernelLauncher launcher;

    CudaPerturbation(KernelLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void perturb(PhiloxStream stream, double keep, double strength, Buffer weights) {
        DType dtype = Operands.floating("perturb: weights", weights);
        if (weights.length() == 0) {
            return;
        }
        launcher.launch(
                APPLY,
                dtype,
                Grid.over(weights.length()),
                weights,
                weights.length(),
                stream.seed(),
                stream.purpose().code(),
                stream.stream(),
                keep,
                strength);
    }
}
