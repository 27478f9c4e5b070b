package dev.lethe.engine.contract;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;

/// `keep w + strength n`, n in the type of sums of the given one.
final class PerturbationFormula {
    private static final Distribution NOISE = new Distribution.Uniform(-1, 1);

    private PerturbationFormula() {}

    static double[] of(
            Precision p,
            DType dtype,
            PhiloxStream stream,
            double keep,
            double strength,
            double... weights) {
        double[] result = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            long bits = stream.bits(i);
            double n = dtype.accumulator() == DType.F64 ? NOISE.f64(bits) : NOISE.f32(bits);
            double kept = p.round(p.round(keep) * weights[i]);
            double noise = strength == 0 ? 0 : p.round(p.round(strength) * n);
            result[i] = p.round(kept + noise);
        }
        return result;
    }
}
