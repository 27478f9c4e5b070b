package dev.lethe.model.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.ArrayList;
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
