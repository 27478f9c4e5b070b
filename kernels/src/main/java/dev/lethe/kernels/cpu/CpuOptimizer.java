package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.memory.Buffer;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// F32, one pass over memory. Factors are taken in F64 and rounded once.
final class CpuOptimizer implements OptimizerKernels {
    @Override
    public void adamW(Update update, Buffer parameters, Buffer gradients, Buffer m, Buffer v) {
        int n = Expect.count("adamW: parameters", parameters);
        Factors factors = Factors.of(update);
        long p = Expect.floats("adamW: parameters", parameters, n);
        long g = Expect.floats("adamW: gradients", gradients, n);
        long first = Expect.floats("adamW: m", m, n);
        long second = Expect.floats("adamW: v", v, n);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector gradient = load(g, i).mul(factors.clip);
            FloatVector mean = factors.mean(load(first, i), gradient);
            FloatVector square = factors.square(load(second, i), gradient);
            store(first, i, mean);
            store(second, i, square);
            store(p, i, factors.step(load(p, i), mean, square));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector gradient = load(g, i, tail).mul(factors.clip);
            FloatVector mean = factors.mean(load(first, i, tail), gradient);
            FloatVector square = factors.square(load(second, i, tail), gradient);
            store(first, i, mean, tail);
            store(second, i, square, tail);
            store(p, i, factors.step(load(p, i, tail), mean, square), tail);
        }
    }

    private record Factors(
            float clip,
            float beta1,
            float rest1,
            float beta2,
            float rest2,
            float keep,
            float rate,
            float correction,
            float epsilon) {
        static Factors of(Update u) {
            return new Factors(
                    (float) u.clip(),
                    (float) u.beta1(),
                    (float) (1 - u.beta1()),
                    (float) u.beta2(),
                    (float) (1 - u.beta2()),
                    (float) (1 - u.learningRate() * u.weightDecay()),
                    (float) (-u.learningRate() / u.correction1()),
                    (float) (1 / u.correction2()),
                    (float) u.epsilon());
        }

        FloatVector mean(FloatVector m, FloatVector g) {
            return g.fma(all(rest1), m.mul(beta1));
        }

        FloatVector square(FloatVector v, FloatVector g) {
            return g.mul(g).fma(all(rest2), v.mul(beta2));
        }

        FloatVector step(FloatVector p, FloatVector m, FloatVector v) {
            FloatVector size = v.mul(correction).sqrt().add(epsilon);
            return m.div(size).fma(all(rate), p.mul(keep));
        }
    }

    /// Four chains of F64 lanes, two vectors at a time, then [LaneSum].
    @Override
    public double squaredNorm(Buffer x) {
        int n = Expect.count("squaredNorm: x", x);
        long from = Expect.floats("squaredNorm: x", x, n);
        DoubleVector a = F64.all(0);
        DoubleVector b = F64.all(0);
        DoubleVector c = F64.all(0);
        DoubleVector d = F64.all(0);
        int i = 0;
        for (; i < n - 2 * LANES + 1; i += 2 * LANES) {
            FloatVector even = load(from, i);
            FloatVector odd = load(from, i + LANES);
            a = addSquare(F64.lower(even), a);
            b = addSquare(F64.upper(even), b);
            c = addSquare(F64.lower(odd), c);
            d = addSquare(F64.upper(odd), d);
        }
        for (; i < n; i += LANES) {
            FloatVector rest = load(from, i, head(Math.min(LANES, n - i)));
            a = addSquare(F64.lower(rest), a);
            b = addSquare(F64.upper(rest), b);
        }
        return LaneSum.sum(a.add(b).add(c.add(d)));
    }

    private static DoubleVector addSquare(DoubleVector x, DoubleVector sum) {
        return x.fma(x, sum);
    }
}
