package dev.lethe.tools.report.figure;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.Locale;

/// Ticks of a logarithmic axis: plain where that is short, else as powers of ten.
final class Powers extends NumberFormat {
    private static final long serialVersionUID = 1L;
    private static final DecimalFormatSymbols SYMBOLS =
            DecimalFormatSymbols.getInstance(Locale.ROOT);

    private final DecimalFormat plain = new DecimalFormat("0.####", SYMBOLS);
    private final DecimalFormat power = new DecimalFormat("0.#E0", SYMBOLS);

    @Override
    public StringBuffer format(double number, StringBuffer to, FieldPosition position) {
        boolean shortly = number >= 0.99e-4 && number < 1e5;
        return (shortly ? plain : power).format(number, to, position);
    }

    @Override
    public StringBuffer format(long number, StringBuffer to, FieldPosition position) {
        return format((double) number, to, position);
    }

    @Override
    public Number parse(String source, ParsePosition position) {
        return power.parse(source, position);
    }
}
