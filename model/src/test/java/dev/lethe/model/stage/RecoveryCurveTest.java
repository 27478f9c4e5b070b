package dev.lethe.model.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.model.stage.AttackRun.Point;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecoveryCurveTest {
    private static AttackRun run(OptionalLong diverged, double... heights) {
        List<Long> steps = List.of(0L, 10L, 20L, 50L);
        List<Point> points =
                IntStream.range(0, heights.length)
                        .mapToObj(i -> new Point(steps.get(i), heights[i], Compute.NONE))
                        .toList();
        return new AttackRun(1e-3, points, diverged);
    }

    @Test
    void theWorstCaseIsTheBestAttackStepByStep() {
        RecoveryCurve curve =
                RecoveryCurve.worstCase(
                        List.of(
                                run(OptionalLong.empty(), 0.0, 0.1, 0.5, 0.9),
                                run(OptionalLong.empty(), 0.0, 0.4, 0.3, 0.7)));
        assertEquals(Map.of(0L, 0.0, 10L, 0.4, 20L, 0.5, 50L, 0.9), curve.heights());
    }

    @Test
    void aDivergedRunCountsForTheStepsItReached() {
        RecoveryCurve curve =
                RecoveryCurve.worstCase(
                        List.of(
                                run(OptionalLong.of(13), 0.0, 0.8),
                                run(OptionalLong.empty(), 0.0, 0.2, 0.4, 0.6)));
        assertEquals(Map.of(0L, 0.0, 10L, 0.8, 20L, 0.4, 50L, 0.6), curve.heights());
    }

    @Test
    void noAreaWhereAllRunsDiverged() {
        RecoveryCurve curve =
                RecoveryCurve.worstCase(
                        List.of(run(OptionalLong.of(13), 0, 0.8), run(OptionalLong.of(2), 0.0)));
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
