package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.memory.Buffer;

/// F32, one pass over memory. Factors are taken in F64 and rounded once.
final class CpuOptimizer implements OptimizerKernels {
    private static final int CHUNK = 4096; // elements: short calls are compiled early

    @Override
    public void adamW(Update update, Buffer parameters, Buffer gradients, Buffer m, Buffer v) {
        long n = parameters.length();
        Factors factors = Factors.of(update);
        long p = Expect.floats("adamW: parameters", parameters, n);
        long g = Expect.floats("adamW: gradients", gradients, n);
        long first = Expect.floats("adamW: m", m, n);
        long second = Expect.floats("adamW: v", v, n);
        for (long from = 0; from < n; from += CHUNK) {
            long offset = from * Float.BYTES;
            OptimizerLoops.adamW(
                    (int) Math.min(CHUNK, n - from),
                    factors,
                    p + offset,
                    g + offset,
                    first + offset,
                    second + offset);
        }
    }

    /// The factors of an update, in F32.
    record Factors(
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
    }

    /// Chunks of 4096 elements in vectors of F64, the chunks one after the other.
    @Override
    public double squaredNorm(Buffer x) {
        long n = x.length();
        long from = Expect.floats("squaredNorm: x", x, n);
        double sum = 0;
        for (long i = 0; i < n; i += CHUNK) {
            sum += OptimizerLoops.squares((int) Math.min(CHUNK, n - i), from + i * Float.BYTES);
        }
        return sum;
    }
}
