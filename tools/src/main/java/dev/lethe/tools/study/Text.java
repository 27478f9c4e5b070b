package dev.lethe.tools.study;

import dev.lethe.model.spectra.Interval;
import dev.lethe.tools.report.findings.Words;

/// Numbers as tables of a study show them.
final class Text {
    private Text() {}

    static String format(String format, Object... values) {
        return Words.format(format, values);
    }

    /// Four significant digits; powers of ten where the number is far from one.
    static String number(double value) {
        double size = Math.abs(value);
        if (Double.isNaN(value)) {
            return "–";
        }
        if (value == 0) {
            return "0";
        }
        return size >= 1e-3 && size < 1e5 ? format("%.4g", value) : format("%.2e", value);
    }

    /// With its 95% interval.
    static String number(Interval interval) {
        return number(interval.mean()) + " ± " + number(interval.halfWidth());
    }
}
