package dev.lethe.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The loop of [CpuRope] over the heads of one token.
final class RopeLoops {
    private RopeLoops() {}

    /// `(a, b) -> (a cos - b sin, b cos + a sin)`, a and b being the halves of each head.
    static void token(
            int heads, int half, long cos, long sin, float turn, long x, long y) {
        int j = 0;
        for (; j < F32.bound(half); j += F32.LANES) {
            FloatVector c = F32.load(cos, j);
            FloatVector s = F32.load(sin, j).mul(F32.all(turn));
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
            FloatVector s = F32.load(sin, j, tail).mul(F32.all(turn));
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
