package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.RandomKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// Draws on the device, with the bits of [PhiloxStream].
final class CudaRandom implements RandomKernels {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "random",
                    "random_uniform(element* y, long long n, long long seed, int purpose,"
                            + " int stream, const int* number, long long firstIndex, double low,"
                            + " double high, double width)",
                    "random_normal(element* y, long long n, long long seed, int purpose,"
                            + " int stream, const int* number, long long firstIndex, double mean,"
                            + " double deviation)");
    private static final Kernel UNIFORM = SOURCE.kernel("random_uniform");
    private static final Kernel NORMAL = SOURCE.kernel("random_normal");

    private final KernelLauncher launcher;

    CudaRandom(KernelLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void fill(PhiloxStream stream, long firstIndex, Distribution distribution, Buffer y) {
        fill(stream, DeviceAddress.NONE, firstIndex, distribution, y);
    }

    @Override
    public void fill(
            PhiloxStream stream,
            Buffer number,
            long firstIndex,
            Distribution distribution,
            Buffer y) {
        Operands.exactly("random: number", number, DType.I32, 1);
        fill(stream, (Object) number, firstIndex, distribution, y);
    }

    private void fill(
            PhiloxStream stream,
            Object place,
            long firstIndex,
            Distribution distribution,
            Buffer y) {
        DType dtype = Operands.floating("random: y", y);
        if (y.length() == 0) {
            return;
        }
        Grid grid = Grid.over(y.length());
        long seed = stream.seed();
        int purpose = stream.purpose().code();
        int number = stream.stream();
        switch (distribution) {
            case Distribution.Uniform(double low, double high) ->
                    launcher.launch(
                            UNIFORM, dtype, grid, y, y.length(), seed, purpose, number, place,
                            firstIndex, low, high, high - low);
            case Distribution.Normal(double mean, double deviation) ->
                    launcher.launch(
                            NORMAL, dtype, grid, y, y.length(), seed, purpose, number, place,
                            firstIndex, mean, deviation);
        }
    }
}
