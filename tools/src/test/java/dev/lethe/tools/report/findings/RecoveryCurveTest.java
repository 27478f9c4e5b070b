package dev.lethe.tools.report.findings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RecoveryCurveTest {
    @Test
    void noAreaBeyondTheLastStep() {
        RecoveryCurve curve = new RecoveryCurve(new TreeMap<>(Map.of(0L, 0.0, 10L, 0.8)));
        assertEquals(OptionalDouble.empty(), curve.area(50));
    }

    @Test
    void theAreaIsTheMeanHeightByTrapezoids() {
        RecoveryCurve curve =
                new RecoveryCurve(new TreeMap<>(Map.of(0L, 0.0, 10L, 0.4, 20L, 0.5, 50L, 0.9)));
        // 10 x 0.2 + 10 x 0.45 + 30 x 0.7 = 27.5
        assertEquals(27.5 / 50, curve.area(50).orElseThrow(), 1e-15);
        assertEquals(6.5 / 20, curve.area(20).orElseThrow(), 1e-15);
        assertEquals(OptionalDouble.empty(), curve.area(30));
    }

    @Test
    void pointsBehindTheHorizonDoNotCount() {
        var heights = new TreeMap<>(Map.of(0L, 0.5, 50L, 0.5));
        double short50 = new RecoveryCurve(heights).area(50).orElseThrow();
        heights.put(100L, 1.0);
        assertEquals(short50, new RecoveryCurve(heights).area(50).orElseThrow());
    }

    @Test
    void robustnessRunsFromUnlearnedToFilter() {
        assertEquals(0, RecoveryCurve.robustness(0.8, 0.2, 0.8).orElseThrow(), 1e-15);
        assertEquals(1, RecoveryCurve.robustness(0.2, 0.2, 0.8).orElseThrow(), 1e-15);
        assertEquals(0.75, RecoveryCurve.robustness(0.35, 0.2, 0.8).orElseThrow(), 1e-15);
        assertEquals(-0.5, RecoveryCurve.robustness(1.1, 0.2, 0.8).orElseThrow(), 1e-12);
        assertEquals(OptionalDouble.empty(), RecoveryCurve.robustness(0.3, 0.8, 0.8));
    }

    @Test
    void theMeanIsTakenWhereAllCurvesHaveAHeight() {
        RecoveryCurve one = new RecoveryCurve(new TreeMap<>(Map.of(0L, 0.2, 10L, 0.4, 50L, 1.0)));
        RecoveryCurve other = new RecoveryCurve(new TreeMap<>(Map.of(0L, 0.0, 10L, 0.8)));
        Map<Long, Double> mean = RecoveryCurve.mean(List.of(one, other)).heights();
        assertEquals(2, mean.size());
        assertEquals(0.1, mean.get(0L), 1e-15);
        assertEquals(0.6, mean.get(10L), 1e-15);
    }
}
