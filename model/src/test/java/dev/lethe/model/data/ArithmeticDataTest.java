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
    private final PhiloxStream stream = ArithmeticData.stream(42, 0);

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
        var shares = shares(ArithmeticData.MIXED);
        assertShare(0.15, shares.get(Equations.COPY));
        for (Equations family :
                List.of(Equations.ADD, Equations.SUB, Equations.MUL, Equations.DIV)) {
            assertShare(0.2125, shares.get(family));
        }
    }

    @Test
    void retainNeverComputesWhatIsToBeForgotten() {
        var shares = shares(ArithmeticData.RETAIN);
        assertEquals(Set.of(Equations.ADD, Equations.SUB, Equations.COPY), shares.keySet());
        assertShare(0.15, shares.get(Equations.COPY));
        assertShare(0.425, shares.get(Equations.ADD));
    }

    @Test
    void forgetHasNothingElse() {
        var shares = shares(ArithmeticData.FORGET);
        assertEquals(Set.of(Equations.MUL, Equations.DIV), shares.keySet());
        assertShare(0.5, shares.get(Equations.MUL));
    }

    @Test
    void drawsReachEveryTextOfAFamily() {
        var drawn = new HashSet<>(ArithmeticData.FORGET.draws(stream, 0, DRAWS));
        assertEquals(288, drawn.size());
    }

    @Test
    void halvesAreDisjointAndComplete() {
        ArithmeticData.Halves halves = ArithmeticData.forgetHalves();
        for (int family = 0; family < 2; family++) {
            var shown = halves.shown().parts().get(family).texts();
            var held = halves.held().parts().get(family).texts();
            assertEquals(72, shown.size());
            assertEquals(72, held.size());
            Set<String> all = new HashSet<>(shown);
            all.addAll(held);
            Equations whole = family == 0 ? Equations.MUL : Equations.DIV;
            assertEquals(Set.copyOf(whole.texts()), all);
        }
    }

    /// Pins the addresses of the draws: other ids here are other data in every run ever made.
    @Test
    void aKnownBatch() {
        Batch batch = ArithmeticData.batch(ArithmeticData.MIXED, stream, 7, 4);
        assertEquals(11, batch.tokens());
        assertEquals(
                List.of("c23-3;23-3", "8/4=2", "11*11=121", "7-3=4"),
                ArithmeticData.MIXED.draws(stream, 7, 4));
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
        Batch one = ArithmeticData.batch(ArithmeticData.MIXED, stream, 3, 8);
        assertArrayEquals(
                one.ids(),
                ArithmeticData.batch(ArithmeticData.MIXED, ArithmeticData.stream(42, 0), 3, 8)
                        .ids());
        for (Batch other :
                List.of(
                        ArithmeticData.batch(ArithmeticData.MIXED, stream, 4, 8),
                        ArithmeticData.batch(
                                ArithmeticData.MIXED, ArithmeticData.stream(43, 0), 3, 8),
                        ArithmeticData.batch(
                                ArithmeticData.MIXED, ArithmeticData.stream(42, 1), 3, 8))) {
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
