package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [CpuOptimizer] over n elements.
final class OptimizerLoops {
    private OptimizerLoops() {}

    /// The masked rest is a method of its own: both are too large for C2 to inline together.
    static void adamW(int n, CpuOptimizer.Factors f, long p, long g, long m, long v) {
        int whole = bound(n);
        wholeAdamW(whole, f, p, g, m, v);
        if (whole < n) {
            tailAdamW(whole, n, f, p, g, m, v);
        }
    }

    private static void wholeAdamW(
            int n, CpuOptimizer.Factors f, long p, long g, long m, long v) {
        FloatVector clip = all(f.clip());
        FloatVector beta1 = all(f.beta1());
        FloatVector rest1 = all(f.rest1());
        FloatVector beta2 = all(f.beta2());
        FloatVector rest2 = all(f.rest2());
        FloatVector keep = all(f.keep());
        FloatVector rate = all(f.rate());
        FloatVector correction = all(f.correction());
        FloatVector epsilon = all(f.epsilon());
        for (int i = 0; i < n; i += LANES) {
            FloatVector gradient = load(g, i).mul(clip);
            FloatVector mean = gradient.fma(rest1, load(m, i).mul(beta1));
            store(m, i, mean);
            FloatVector square = gradient.mul(gradient).fma(rest2, load(v, i).mul(beta2));
            store(v, i, square);
            FloatVector step = mean.div(square.mul(correction).sqrt().add(epsilon));
            store(p, i, step.fma(rate, load(p, i).mul(keep)));
        }
    }

    private static void tailAdamW(
            int i, int n, CpuOptimizer.Factors f, long p, long g, long m, long v) {
        VectorMask<Float> mask = head(n - i);
        FloatVector gradient = load(g, i, mask).mul(all(f.clip()));
        FloatVector mean = gradient.fma(all(f.rest1()), load(m, i, mask).mul(all(f.beta1())));
        store(m, i, mean, mask);
        FloatVector square =
                gradient.mul(gradient).fma(all(f.rest2()), load(v, i, mask).mul(all(f.beta2())));
        store(v, i, square, mask);
        FloatVector step =
                mean.div(square.mul(all(f.correction())).sqrt().add(all(f.epsilon())));
        store(p, i, step.fma(all(f.rate()), load(p, i, mask).mul(all(f.keep()))), mask);
    }

    /// Sum of squares: two chains of F64 lanes, then [LaneSum].
    static double squares(int n, long x) {
        DoubleVector lower = F64.all(0);
        DoubleVector upper = F64.all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector v = load(x, i);
            DoubleVector a = F64.lower(v);
            DoubleVector b = F64.upper(v);
            lower = a.fma(a, lower);
            upper = b.fma(b, upper);
        }
        if (i < n) {
            FloatVector v = load(x, i, head(n - i));
            DoubleVector a = F64.lower(v);
            DoubleVector b = F64.upper(v);
            lower = a.fma(a, lower);
            upper = b.fma(b, upper);
        }
        return LaneSum.sum(lower.add(upper));
    }
}
