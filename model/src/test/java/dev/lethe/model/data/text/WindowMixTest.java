package dev.lethe.model.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.text.WindowMix.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowMixTest {
    private final PhiloxStream random = new PhiloxStream(42, Purpose.DATA_ORDER, 3);

    /// Windows that begin with `first`, `first + 1`, ...
    private static Windows windows(int first, int count) {
        int[] ids = IntStream.range(0, 2 * count).map(i -> first + i / 2).toArray();
        int[] lengths = new int[count];
        Arrays.fill(lengths, 2);
        return new Windows(2, ids, lengths);
    }

    private WindowMix mix() {
        return new WindowMix(
                List.of(
                        new Part("english", 0.75, windows(0, 100)),
                        new Part("korean", 0.25, windows(1000, 30))),
                random);
    }

    private static List<Integer> rows(WindowMix mix, long step, int rows) {
        return IntStream.of(mix.batch(step, rows).ids()).boxed().toList();
    }

    @Test
    void partsComeByWeight() {
        int rows = 20_000;
        long english = rows(mix(), 0, rows).stream().filter(id -> id < 1000).count();
        double deviation = Math.sqrt(0.75 * 0.25 / rows);
        assertEquals(0.75, english / (double) rows, 4 * deviation);
    }

    @Test
    void everyWindowIsSeenOnceAnEpochInAnotherOrder() {
        List<Integer> all = rows(mix(), 0, 2000);
        List<Integer> korean = all.stream().filter(id -> id >= 1000).toList();
        List<List<Integer>> epochs = new ArrayList<>();
        for (int from = 0; from + 30 <= korean.size(); from += 30) {
            epochs.add(korean.subList(from, from + 30));
        }
        List<Integer> windows = IntStream.range(1000, 1030).boxed().toList();
        for (List<Integer> epoch : epochs) {
            assertEquals(windows, epoch.stream().sorted().toList());
        }
        assertNotEquals(epochs.get(0), epochs.get(1));
        assertNotEquals(windows, epochs.get(0));
    }

    @Test
    void rowsDoNotDependOnWhatWasAskedBefore() {
        WindowMix forwards = mix();
        List<Integer> all = new ArrayList<>();
        for (int step = 0; step < 1000; step++) {
            all.addAll(rows(forwards, step, 16));
        }
        assertEquals(all.subList(999 * 16, 1000 * 16), rows(mix(), 999, 16));
        assertEquals(all.subList(5 * 16, 6 * 16), rows(forwards, 5, 16));
        assertEquals(all.subList(0, 8192), rows(mix(), 0, 8192));
    }

    @Test
    void seedsAndStreamsDiffer() {
        List<Part> parts = List.of(new Part("all", 1, windows(0, 500)));
        Batch one = new WindowMix(parts, random).batch(0, 100);
        for (PhiloxStream other :
                List.of(random.withStream(4), new PhiloxStream(43, Purpose.DATA_ORDER, 3))) {
            assertFalse(Arrays.equals(one.ids(), new WindowMix(parts, other).batch(0, 100).ids()));
        }
        assertArrayEquals(one.ids(), new WindowMix(parts, random).batch(0, 100).ids());
    }

    @Test
    void padsAreCarriedAsLengths() {
        Windows padded = new Windows(3, new int[] {2, 7, 0}, new int[] {2});
        Batch batch = new WindowMix(List.of(new Part("one", 1, padded)), random).batch(9, 1);
        assertArrayEquals(new int[] {7, -1}, batch.targets());
    }

    private String error(double first, double second, Windows other) {
        List<Part> parts =
                List.of(
                        new Part("english", first, windows(0, 3)),
                        new Part("korean", second, other));
        return assertThrows(
                        IllegalArgumentException.class, () -> new WindowMix(parts, random))
                .getMessage();
    }

    @Test
    void weightsMustSumToOne() {
        assertEquals(
                "mix: expected weights that sum to 1, got [0.75, 0.5], which sum to 1.25; correct"
                        + " them",
                error(0.75, 0.5, windows(0, 3)));
        error(0.5, 0.5 - 2e-9, windows(0, 3));
        error(0.5, Double.NaN, windows(0, 3));
        error(1, 0, windows(0, 3));
        error(1.5, -0.5, windows(0, 3));
        assertDoesNotThrow(
                () ->
                        new WindowMix(
                                IntStream.range(0, 10)
                                        .mapToObj(i -> new Part("p" + i, 0.1, windows(0, 3)))
                                        .toList(),
                                random));
        assertThrows(
                IllegalArgumentException.class, () -> new WindowMix(List.of(), random));
    }

    @Test
    void partsMustHaveWindowsOfOneWidth() {
        error(0.5, 0.5, new Windows(2, new int[0], new int[0]));
        error(0.5, 0.5, new Windows(3, new int[] {1, 2, 3}, new int[] {3}));
    }
}
