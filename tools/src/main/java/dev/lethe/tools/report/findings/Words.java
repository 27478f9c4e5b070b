package dev.lethe.tools.report.findings;

import java.math.BigDecimal;
import java.util.Locale;

/// Numbers for people, with a decimal point in every locale.
public final class Words {
    private Words() {}

    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /// Two decimals, without a minus before zero.
    public static String figure(double value) {
        String text = format("%.2f", value);
        return text.equals("-0.00") ? "0.00" : text;
    }

    /// As short as it can be told, such as a threshold or a learning rate.
    public static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /// A probability; small ones by their order.
    public static String probability(double p) {
        return p < 0.001 ? "p < 0.001" : format("p = %.3f", p);
    }
}
