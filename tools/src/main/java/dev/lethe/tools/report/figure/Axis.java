package dev.lethe.tools.report.figure;

import java.util.DoubleSummaryStatistics;
import java.util.List;

/// An axis of a chart.
///
/// @param label with its unit
/// @param low NaN where the data decide
/// @param high NaN where the data decide
public record Axis(String label, Scale scale, double low, double high) {
    private static final double SPAN = 10; // greatest over least: below, powers are too few for ticks

    public enum Scale {
        LINEAR,
        WHOLE,
        SHARE,
        LOGARITHMIC
    }

    public static Axis steps(String label) {
        return new Axis(label, Scale.WHOLE, Double.NaN, Double.NaN);
    }

    public static Axis linear(String label) {
        return new Axis(label, Scale.LINEAR, Double.NaN, Double.NaN);
    }

    public static Axis logarithmic(String label) {
        return new Axis(label, Scale.LOGARITHMIC, Double.NaN, Double.NaN);
    }

    public static Axis linear(String label, double low, double high) {
        return new Axis(label, Scale.LINEAR, low, high);
    }

    /// For accuracies, with room above 1 for words.
    public static Axis share(String label) {
        return new Axis(label, Scale.SHARE, -0.03, 1.1);
    }

    boolean isFixed() {
        return !Double.isNaN(low);
    }

    /// Of positive values: logarithmic where they span enough for such an axis to have ticks.
    public static Axis ofPositive(String label, List<Line> lines) {
        DoubleSummaryStatistics ends =
                lines.stream()
                        .flatMap(line -> line.spots().stream())
                        .mapToDouble(Line.Spot::mean)
                        .summaryStatistics();
        return ends.getMax() > SPAN * ends.getMin() ? logarithmic(label) : linear(label);
    }
}
