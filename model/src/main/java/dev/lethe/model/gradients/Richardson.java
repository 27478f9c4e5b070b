package dev.lethe.model.gradients;

import java.util.function.DoubleFunction;

/// The derivative at 0 of a vector-valued function of one number, by central differences at widths
/// `h, h/2, h/4, ...`, extrapolated to width 0 (Richardson; Ridders 1982), with its own error.
///
/// @param value the derivative
/// @param error an estimate of its largest error: the distance between the two best extrapolations
public record Richardson(double[] value, double error) {
    private static final int WIDTHS = 6;

    /// @param f defined on `[-h, h]`
    /// @param h the greatest width; smooth on its scale
    public static Richardson derivative(DoubleFunction<double[]> f, double h) {
        double[][] row = new double[WIDTHS][];
        double[] best = null;
        double error = Double.POSITIVE_INFINITY;
        for (int i = 0; i < WIDTHS; i++) {
            double[] previous = difference(f, h / (1 << i));
            double factor = 4;
            for (int j = 1; j <= i; j++) {
                double[] older = row[j - 1];
                row[j - 1] = previous;
                double[] better = new double[older.length];
                double apart = 0;
                for (int k = 0; k < older.length; k++) {
                    better[k] = (factor * previous[k] - older[k]) / (factor - 1);
                    apart =
                            Math.max(
                                    apart,
                                    Math.max(
                                            Math.abs(better[k] - previous[k]),
                                            Math.abs(better[k] - older[k])));
                }
                factor *= 4;
                if (apart < error) {
                    error = apart;
                    best = better;
                }
                previous = better;
            }
            row[i] = previous;
        }
        return new Richardson(best, error);
    }

    private static double[] difference(DoubleFunction<double[]> f, double h) {
        double[] above = f.apply(h);
        double[] below = f.apply(-h);
        double[] slope = new double[above.length];
        for (int i = 0; i < slope.length; i++) {
            slope[i] = (above[i] - below[i]) / (2 * h);
        }
        return slope;
    }
}
