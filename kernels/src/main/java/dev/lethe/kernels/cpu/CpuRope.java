package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.memory.Buffer;
import java.lang.ref.Reference;

/// F32. Angles come from a [RopeTable]; one load of them serves all heads of a token.
final class CpuRope implements RopeKernels {
    private final RopeTable.Cache tables = new RopeTable.Cache();

    @Override
    public void rotate(Rotation r, boolean inverse, Buffer x, Buffer y) {
        if (r.headDim() % 2 != 0 || r.firstPosition() < 0) {
            throw new IllegalArgumentException(
                    "rope: headDim must be even and firstPosition at least 0, got %s".formatted(r));
        }
        long size = (long) r.batch() * r.tokens() * r.heads() * r.headDim();
        long in = Expect.floats("rope: x", x, size);
        long out = Expect.floats("rope: y", y, size);
        RopeTable table = tables.upTo(r.firstPosition() + r.tokens(), r.headDim(), r.theta());
        int half = r.headDim() / 2;
        int tokenSize = r.heads() * r.headDim();
        float turn = inverse ? -1 : 1;
        for (int b = 0; b < r.batch(); b++) {
            for (int t = 0; t < r.tokens(); t++) {
                long offset = ((long) b * r.tokens() + t) * tokenSize * Float.BYTES;
                long cos = table.cos(r.firstPosition() + t);
                long sin = table.sin(r.firstPosition() + t);
                RopeLoops.token(r.heads(), half, cos, sin, turn, in + offset, out + offset);
            }
        }
        Reference.reachabilityFence(table); // another thread may have put a longer one in its place
    }
}
