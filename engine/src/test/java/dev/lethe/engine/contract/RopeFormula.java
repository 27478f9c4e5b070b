package dev.lethe.engine.contract;

import dev.lethe.engine.backend.RopeKernels.Rotation;

/// Rotary position embedding (Su et al. 2021), rotate-half layout: element j of a head turns with
/// element `j + headDim/2`. Angles are F64 whatever the precision: a float angle of a thousand
/// radians would be off by far more than the rotation itself. They are StrictMath's, as
/// [dev.lethe.engine.backend.RopeKernels#angle] asks: thousands of radians tell powers apart that
/// differ in their last bit.
final class RopeFormula {
    private RopeFormula() {}

    static double[] rotate(Precision p, Rotation rotation, boolean inverse, double[] x) {
        int half = rotation.headDim() / 2;
        double[] y = new double[x.length];
        for (int start = 0; start < x.length; start += rotation.headDim()) {
            int token = start / rotation.headDim() / rotation.heads() % rotation.tokens();
            for (int j = 0; j < half; j++) {
                double angle =
                        (rotation.firstPosition() + token)
                                * StrictMath.pow(rotation.theta(), -2.0 * j / rotation.headDim());
                double cos = p.round(StrictMath.cos(angle));
                double sin = p.round(inverse ? -StrictMath.sin(angle) : StrictMath.sin(angle));
                double a = x[start + j];
                double b = x[start + half + j];
                y[start + j] = p.round(p.round(a * cos) - p.round(b * sin));
                y[start + half + j] = p.round(p.round(b * cos) + p.round(a * sin));
            }
        }
        return y;
    }
}
