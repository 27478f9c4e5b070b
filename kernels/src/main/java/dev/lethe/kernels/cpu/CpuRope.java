package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.memory.Buffer;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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
                token(r.heads(), half, cos, sin, turn, in + offset, out + offset);
            }
        }
        Reference.reachabilityFence(table); // another thread may have put a longer one in its place
    }

    private static void token(
            int heads, int half, long cos, long sin, float turn, long x, long y) {
        int j = 0;
        for (; j < F32.bound(half); j += F32.LANES) {
            FloatVector c = F32.load(cos, j);
            FloatVector s = F32.load(sin, j).mul(turn);
            for (int h = 0; h < heads; h++) {
                int at = h * 2 * half + j;
                FloatVector a = F32.load(x, at);
                FloatVector b = F32.load(x, at + half);
                F32.store(y, at, a.mul(c).sub(b.mul(s)));
                F32.store(y, at + half, b.mul(c).add(a.mul(s)));
            }
        }
        if (j < half) {
            VectorMask<Float> tail = F32.head(half - j);
            FloatVector c = F32.load(cos, j, tail);
            FloatVector s = F32.load(sin, j, tail).mul(turn);
            for (int h = 0; h < heads; h++) {
                int at = h * 2 * half + j;
                FloatVector a = F32.load(x, at, tail);
                FloatVector b = F32.load(x, at + half, tail);
                F32.store(y, at, a.mul(c).sub(b.mul(s)), tail);
                F32.store(y, at + half, b.mul(c).add(a.mul(s)), tail);
            }
        }
    }
}
