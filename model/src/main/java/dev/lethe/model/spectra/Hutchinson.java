package dev.lethe.model.spectra;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;

/// The trace from products alone (Hutchinson 1990): the mean of `z A z` over random signs z is the
/// trace, whatever A. The 95% interval is Student's t over the draws.
public final class Hutchinson {
    private Hutchinson() {}

    /// @param draws products, at least 2
    public static Interval trace(
            SymmetricOperator operator, int draws, long seed, Progress progress) {
        double[] values = new double[draws];
        for (int i = 0; i < draws; i++) {
            double[] z =
                    Vectors.signs(
                            new PhiloxStream(seed, Purpose.PROBE, i), operator.dimension());
            values[i] = Vectors.dot(z, operator.times(z));
            progress.after(i + 1, draws);
        }
        return Interval.of(values);
    }
}
