package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// F32, one pass over memory. Factors are taken in F64 and rounded once.
final class CpuOptimizer implements OptimizerKernels {
    private static final int CHUNK = 4096; // elements: short calls are compiled early

    @Override
    public void adamW(
            Rule rule,
            Buffer step,
            Buffer parameters,
            Buffer gradients,
            Buffer m,
            Buffer v,
            Buffer rounded) {
        if (rounded != null) {
            throw new IllegalArgumentException(
                    "adamW: this backend has no BF16 to round to; give no rounded weights");
        }
        long n = parameters.length();
        long values = step(step);
        long p = Expect.floats("adamW: parameters", parameters, n);
        long g = Expect.floats("adamW: gradients", gradients, n);
        long first = Expect.floats("adamW: m", m, n);
        long second = Expect.floats("adamW: v", v, n);
        if (Double.isNaN(get(values, StepValue.CLIP))) {
            return;
        }
        Factors factors = Factors.of(rule, values);
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
        static Factors of(Rule rule, long step) {
            return new Factors(
                    (float) get(step, StepValue.CLIP),
                    (float) rule.beta1(),
                    (float) (1 - rule.beta1()),
                    (float) rule.beta2(),
                    (float) (1 - rule.beta2()),
                    (float) get(step, StepValue.KEEP),
                    (float) -get(step, StepValue.RATE),
                    (float) get(step, StepValue.CORRECTION),
                    (float) rule.epsilon());
        }
    }

    /// Chunks of 4096 elements in vectors of F64, the chunks one after the other.
    @Override
    public void squaredNorm(Buffer x, Buffer sum) {
        long n = x.length();
        long from = Expect.floats("squaredNorm: x", x, n);
        long to = Expect.exactly("squaredNorm: sum", sum, DType.F64, 1);
        double total = 0;
        for (long i = 0; i < n; i += CHUNK) {
            total += OptimizerLoops.squares((int) Math.min(CHUNK, n - i), from + i * Float.BYTES);
        }
        F64.set(to, 0, total);
    }

    @Override
    public void clip(double clipNorm, Buffer squares, Buffer step) {
        int count = Expect.count("clip: squares", squares);
        long from = Expect.exactly("clip: squares", squares, DType.F64, count);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += F64.get(from, i);
        }
        long values = step(step);
        Clipping before =
                new Clipping(
                        get(values, StepValue.NORM),
                        get(values, StepValue.CLIP),
                        get(values, StepValue.REFUSED));
        Clipping after = Clipping.of(clipNorm, Math.sqrt(sum), before);
        F64.set(values, StepValue.NORM.ordinal(), after.norm());
        F64.set(values, StepValue.CLIP.ordinal(), after.factor());
        F64.set(values, StepValue.REFUSED.ordinal(), after.refused());
    }

    private static long step(Buffer step) {
        return Expect.exactly("adamW: step", step, DType.F64, StepValue.COUNT);
    }

    private static double get(long step, StepValue value) {
        return F64.get(step, value.ordinal());
    }
}
