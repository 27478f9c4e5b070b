package dev.lethe.model.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PredictorTest {
    @Test
    void ranksAloneCount() {
        double[] x = {1, 2, 3, 4, 5};
        RankCorrelation up = RankCorrelation.of(x, new double[] {1, 4, 9, 16, 100});
        assertEquals(1, up.r(), 1e-15);
        RankCorrelation mixed = RankCorrelation.of(x, new double[] {2, 1, 4, 3, 5});
        assertEquals(1 - 6.0 * 4 / (5 * 24), mixed.r(), 1e-15); // 1 - 6 sum d^2 / (n (n^2 - 1))
        assertFalse(mixed.isClear(), "five pairs are few");
        assertTrue(Double.isNaN(RankCorrelation.of(new double[3], new double[3]).low()));
    }

    /// At 1 and -1 the formula alone would have no width.
    @Test
    void fewPairsInPerfectOrderAreNotClear() {
        double[] x = {1, 2, 3, 4, 5, 6};
        for (int pairs = 4; pairs <= 6; pairs++) {
            double[] some = Arrays.copyOf(x, pairs);
            double[] falling = Arrays.stream(some).map(v -> -v).toArray();
            RankCorrelation up = RankCorrelation.of(some, some);
            RankCorrelation down = RankCorrelation.of(some, falling);
            assertEquals(1, up.high());
            assertEquals(-1, down.low());
            assertEquals(up.low(), -down.high(), 1e-15);
            assertEquals(pairs == 6, up.isClear(), up.toString());
            assertEquals(pairs == 6, down.isClear(), down.toString());
        }
        // By hand: r = 0.8 in the formula, tanh(1.098612 - 1.959964 sqrt(1.32)).
        double[] four = Arrays.copyOf(x, 4);
        double[] three = Arrays.copyOf(x, 3);
        assertEquals(-0.8188, RankCorrelation.of(four, four).low(), 1e-4);
        assertFalse(RankCorrelation.of(three, three).isClear());
    }

    /// On normal pairs whose rank correlation is known, `(6 / pi) asin(rho / 2)`, the interval
    /// covers it as often as it says.
    @Test
    void intervalsCover() {
        for (double rho : new double[] {0, 0.6}) {
            double truth = 6 / Math.PI * Math.asin(rho / 2);
            int covered = 0;
            for (int seed = 0; seed < 400; seed++) {
                PhiloxStream stream = new PhiloxStream(seed, Purpose.PROBE, 7);
                double[] x = new double[24];
                double[] y = new double[24];
                for (int i = 0; i < x.length; i++) {
                    x[i] = stream.normal(2 * i);
                    y[i] = rho * x[i] + Math.sqrt(1 - rho * rho) * stream.normal(2 * i + 1);
                }
                RankCorrelation found = RankCorrelation.of(x, y);
                covered += found.low() <= truth && truth <= found.high() ? 1 : 0;
            }
            assertTrue(covered >= 365 && covered < 400, "covered %d of 400".formatted(covered));
        }
    }

    private static Prediction.Case model(String name, String method, double... numbers) {
        LinkedHashMap<String, Double> by = new LinkedHashMap<>();
        by.put("distance", numbers[0]);
        by.put("sharpness", numbers[1]);
        return new Prediction.Case(name, method, by, numbers[2]);
    }

    /// Distance orders all models; sharpness only tells one method from the others.
    @Test
    void aCorrelationThatOneMethodCarriesFallsWithoutIt() {
        List<Prediction.Case> cases = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            cases.add(model("a" + i, "maxent", i, 5 - i % 2, i));
            cases.add(model("b" + i, "undo", 10 + i, 9 - i, 10 + i));
        }
        List<Prediction> found = PredictorStudy.of(cases);
        assertEquals(
                List.of("distance", "sharpness"),
                found.stream().map(Prediction::predictor).toList());
        Prediction distance = found.getFirst();
        assertEquals(1, distance.all().r(), 1e-15);
        assertEquals(Set.of("maxent", "undo"), distance.without().keySet());
        assertEquals(12, distance.all().pairs());
        assertEquals(6, distance.without().get("undo").pairs());
        Prediction sharpness = found.getLast();
        assertEquals(-1, sharpness.without().get("maxent").r(), 1e-15);
        assertTrue(sharpness.without().get("undo").r() > -0.5);
    }

    @Test
    void refusesWhatCannotBeCompared() {
        Prediction.Case one = model("a", "maxent", 1, 2, 3);
        Prediction.Case other =
                new Prediction.Case("b", "undo", new LinkedHashMap<>(), 1);
        assertThrows(IllegalArgumentException.class, () -> PredictorStudy.of(List.of(one)));
        assertThrows(IllegalArgumentException.class, () -> PredictorStudy.of(List.of(one, other)));
        assertThrows(
                IllegalArgumentException.class,
                () -> RankCorrelation.of(new double[] {1, Double.NaN}, new double[] {1, 2}));
    }
}
