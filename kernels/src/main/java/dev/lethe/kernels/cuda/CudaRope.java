package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// Angles come from tables in device memory ([RopeTables]), made on the host in F64.
final class CudaRope implements RopeKernels {
    static final KernelSource SOURCE =
            KernelSource.contracted(
                    "rope",
                    "rope_rotate(const accumulator* table, const element* x, element* y, int items,"
                            + " int tokens, int heads, int half, int firstPosition,"
                            + " accumulator turn)");
    private static final Kernel ROTATE = SOURCE.kernel("rope_rotate");

    private final KernelLauncher launcher;
    private final RopeTables tables;

    CudaRope(KernelLauncher launcher, RopeTables tables) {
        this.launcher = launcher;
        this.tables = tables;
    }

    @Override
    public void rotate(Rotation r, boolean inverse, Buffer x, Buffer y) {
        if (r.headDim() % 2 != 0 || r.firstPosition() < 0) {
            throw new IllegalArgumentException(
                    "rope: headDim must be even and firstPosition at least 0, got %s".formatted(r));
        }
        DType dtype = Operands.floating("rope: x", x);
        long rows = (long) r.batch() * r.tokens() * r.heads();
        Operands.exactly("rope: x", x, dtype, rows * r.headDim());
        Operands.exactly("rope: y", y, dtype, x.length());
        int half = r.headDim() / 2;
        int items = Operands.count("rope: packs", rows * Grid.packs(half, dtype));
        if (items == 0) {
            return;
        }
        Buffer table =
                tables.upTo(
                        r.firstPosition() + r.tokens(),
                        new RopeTables.Key(r.headDim(), r.theta(), dtype.accumulator()));
        launcher.launch(
                ROTATE,
                dtype,
                Grid.over(items),
                table,
                x,
                y,
                items,
                r.tokens(),
                r.heads(),
                half,
                r.firstPosition(),
                inverse ? -1.0 : 1.0);
    }
}
