package dev.lethe.tools.report.results;

/// A value measured while a model was trained: one row of `series.csv`.
///
/// @param step updates so far
/// @param metric such as [#KL]
public record SeriesRow(
        String experiment, long seed, String model, long step, String metric, double value) {
    /// KL(teacher || student) on the fixed evaluation set, nats a token.
    public static final String KL = "kl";

    public SeriesRow {
        Csv.requireName("experiment", experiment);
        Csv.requireName("model", model);
        Csv.requireName("metric", metric);
        if (step < 0 || !Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "%s of %s: expected a step from 0 on and a finite value, got step %d, value %s;"
                                    .formatted(metric, model, step, value)
                            + " leave out what was not measured");
        }
    }
}
