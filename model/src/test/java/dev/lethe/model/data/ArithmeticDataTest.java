package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArithmeticDataTest {
    private static final int DRAWS = 40_000;
    private static final Mixture MIXED =
            new Mixture(
                    List.of(
                            part(0.15, Equations.COPY),
                            part(0.2125, Equations.ADD),
                            part(0.2125, Equations.SUB),
                            part(0.2125, Equations.MUL),
                            part(0.2125, Equations.DIV)));
    private static final Mixture FORGET =
            new Mixture(List.of(part(0.5, Equations.MUL), part(0.5, Equations.DIV)));

    private final PhiloxStream stream = ArithmeticData.stream(42, 0);

    private static Mixture.Part part(double weight, Equations family) {
        return new Mixture.Part(weight, family.texts());
    }

    private Map<Equations, Double> shares(Mixture mixture) {
        Map<Equations, Set<String>> texts = new EnumMap<>(Equations.class);
        for (Equations family : Equations.values()) {
            texts.put(family, Set.copyOf(family.texts()));
        }
        Map<Equations, Double> shares = new EnumMap<>(Equations.class);
        for (String text : mixture.draws(stream, 0, DRAWS)) {
            for (Equations family : Equations.values()) {
                if (texts.get(family).contains(text)) {
                    shares.merge(family, 1.0 / DRAWS, Double::sum);
                }
            }
        }
        return shares;
    }

    private static void assertShare(double expected, double got) {
        double deviation = Math.sqrt(expected * (1 - expected) / DRAWS);
        assertEquals(expected, got, 4 * deviation);
    }

    @Test
    void mixedHasAllFamiliesInTheirShares() {
        var shares = shares(MIXED);
        assertShare(0.15, shares.get(Equations.COPY));
        for (Equations family :
                List.of(Equations.ADD, Equations.SUB, Equations.MUL, Equations.DIV)) {
            assertShare(0.2125, shares.get(family));
        }
    }

    @Test
    void sharesAreThoseOfTheWeightsWhateverTheySumTo() {
        var shares =
                shares(new Mixture(List.of(part(6, Equations.MUL), part(2, Equations.DIV))));
        assertEquals(Set.of(Equations.MUL, Equations.DIV), shares.keySet());
        assertShare(0.75, shares.get(Equations.MUL));
    }

    @Test
    void drawsReachEveryTextOfAFamily() {
        var drawn = new HashSet<>(FORGET.draws(stream, 0, DRAWS));
        assertEquals(288, drawn.size());
    }

    @Test
    void halvesAreDisjointAndComplete() {
        for (Equations family : List.of(Equations.MUL, Equations.DIV)) {
            ArithmeticData.Halves halves = ArithmeticData.halves(family);
            assertEquals(72, halves.shown().size());
            assertEquals(72, halves.held().size());
            Set<String> all = new HashSet<>(halves.shown());
            all.addAll(halves.held());
            assertEquals(Set.copyOf(family.texts()), all);
        }
    }

    /// Pins the addresses of the draws: other ids here are other data in every run ever made.
    @Test
    void aKnownBatch() {
        Batch batch = ArithmeticData.batch(MIXED, stream, 7, 4);
        assertEquals(11, batch.tokens());
        assertEquals(
                List.of("c23-3;23-3", "8/4=2", "11*11=121", "7-3=4"),
                MIXED.draws(stream, 7, 4));
        assertArrayEquals(
                new int[] {
                    2, 103, 54, 55, 49, 55, 63, 54, 55, 49, 55,
                    2, 60, 51, 56, 65, 54, 1, 0, 0, 0, 0,
                    2, 53, 53, 46, 53, 53, 65, 53, 54, 53, 1,
                    2, 59, 49, 55, 65, 56, 1, 0, 0, 0, 0
                },
                batch.ids());
    }

    @Test
    void aBatchIsAFunctionOfSeedStreamAndStep() {
        Batch one = ArithmeticData.batch(MIXED, stream, 3, 8);
        assertArrayEquals(
                one.ids(),
                ArithmeticData.batch(MIXED, ArithmeticData.stream(42, 0), 3, 8)
                        .ids());
        for (Batch other :
                List.of(
                        ArithmeticData.batch(MIXED, stream, 4, 8),
                        ArithmeticData.batch(
                                MIXED, ArithmeticData.stream(43, 0), 3, 8),
                        ArithmeticData.batch(
                                MIXED, ArithmeticData.stream(42, 1), 3, 8))) {
            assertFalse(Arrays.equals(one.ids(), other.ids()));
        }
    }

    @Test
    void aRowIsMarkedPaddedAndPredictsItsEnd() {
        Batch whole = ArithmeticData.ROWS.of(List.of("2*3=6"));
        assertArrayEquals(new int[] {2, 54, 46, 55, 65, 58, 1, 0, 0, 0, 0, 0}, whole.ids());
        Batch input = whole.withoutLastColumn();
        assertArrayEquals(new int[] {54, 46, 55, 65, 58, 1, -1, -1, -1, -1, -1}, input.targets());
        assertEquals(6, input.targetCount());
    }

    @Test
    void refusesATextThatDoesNotFit() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> ArithmeticData.ROWS.of(List.of("12345678901")));
        assertTrue(error.getMessage().contains("takes 13 ids"), error.getMessage());
    }
}
