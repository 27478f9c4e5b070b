package dev.lethe.tools.report.findings;

import org.apache.commons.math3.stat.descriptive.moment.Variance;
import org.apache.commons.math3.stat.inference.TTest;
import org.apache.commons.math3.stat.inference.WilcoxonSignedRankTest;

import java.util.List;

/// Whether differences that belong to seeds could have come from chance, two-sided.
final class PairedTest {
    /// With fewer pairs even the clearest order has more than 5% by signed ranks.
    private static final int RANKED = 6;

    /// Largest number of pairs for which ranks are counted out.
    private static final int EXACT = 30;

    private PairedTest() {}

    /// Student's paired t-test: p, or null for fewer than two seeds or equal differences.
    static Double t(List<Double> differences) {
        double[] values = array(differences);
        return values.length < 2 || new Variance().evaluate(values) == 0
                ? null
                : new TTest().tTest(0, values);
    }

    /// Wilcoxon's signed ranks: p, or null where the seeds are too few for it to say anything.
    static Double rank(List<Double> differences) {
        double[] values = array(differences);
        return values.length < RANKED
                ? null
                : new WilcoxonSignedRankTest()
                        .wilcoxonSignedRankTest(
                                new double[values.length], values, values.length <= EXACT);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
