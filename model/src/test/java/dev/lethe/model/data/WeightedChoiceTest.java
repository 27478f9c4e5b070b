package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightedChoiceTest {
    @Test
    void intervalsAreAsLongAsTheWeights() {
        WeightedChoice choice = new WeightedChoice(List.of(1.0, 2.0, 1.0));
        assertEquals(0, choice.of(0));
        assertEquals(0, choice.of(Math.nextDown(0.25)));
        assertEquals(1, choice.of(0.25));
        assertEquals(1, choice.of(Math.nextDown(0.75)));
        assertEquals(2, choice.of(0.75));
        assertEquals(2, choice.of(Math.nextDown(1.0)));
    }

    /// Rows of two languages alike were drawn so before there were weights.
    @Test
    void halvesAreTheUppermostBit() {
        WeightedChoice choice = new WeightedChoice(List.of(0.5, 0.5));
        PhiloxStream random = new PhiloxStream(42, Purpose.DATA_GENERATION, 0);
        for (long i = 0; i < 1000; i++) {
            assertEquals(random.below(i, 2), choice.of(random.uniform(i)));
        }
    }

    @Test
    void refusesWhatIsNoWeight() {
        for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> new WeightedChoice(List.of(1.0, weight)));
            assertTrue(error.getMessage().contains("got " + weight), error.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> new WeightedChoice(List.of()));
    }
}
