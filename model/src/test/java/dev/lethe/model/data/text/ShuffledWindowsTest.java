package dev.lethe.model.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShuffledWindowsTest {
    private static final int WIDTH = 5;

    @TempDir private Path directory;

    /// Window w holds `base + w` everywhere; the last is one id shorter.
    private static Windows windows(int base, int count) {
        int[] ids = new int[count * WIDTH];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = base + i / WIDTH;
        }
        int[] lengths = new int[count];
        Arrays.fill(lengths, WIDTH);
        lengths[count - 1] = WIDTH - 1;
        return new Windows(WIDTH, ids, lengths);
    }

    private static WindowSet set(int base, int count) {
        return WindowSet.of(
                WIDTH, List.of(windows(base, count / 2), windows(base + count / 2, count - count / 2)));
    }

    private static ShuffledWindows two(long seed) {
        return new ShuffledWindows(
                List.of(
                        new ShuffledWindows.Part(0.75, set(100, 40), 0, 40),
                        new ShuffledWindows.Part(0.25, set(500, 30), 10, 20)),
                seed,
                0);
    }

    private static int[] first(Batch batch) {
        return IntStream.range(0, batch.rows()).map(r -> batch.ids()[r * batch.tokens()]).toArray();
    }

    @Test
    void everyWindowComesOnceBeforeAnyComesAgain() {
        ShuffledWindows shuffled = two(1);
        List<Integer> large = new ArrayList<>();
        List<Integer> small = new ArrayList<>();
        for (int step = 0; step < 50; step++) {
            for (int id : first(shuffled.batch(step, 8))) {
                (id < 500 ? large : small).add(id);
            }
        }
        assertEquals(0.75, large.size() / 400.0, 0.08);
        Set<List<Integer>> orders = new HashSet<>();
        for (int from = 0; from + 40 <= large.size(); from += 40) {
            List<Integer> epoch = large.subList(from, from + 40);
            assertEquals(40, new HashSet<>(epoch).size());
            orders.add(List.copyOf(epoch));
        }
        assertTrue(orders.size() >= 6, "each epoch has an order of its own");
        assertTrue(small.stream().allMatch(id -> id >= 510 && id < 520), small.toString());
        assertEquals(10, new HashSet<>(small.subList(0, 10)).size());
    }

    @Test
    void aStepIsTheSameWhateverWasAskedBefore() {
        ShuffledWindows inOrder = two(7);
        List<int[]> steps = new ArrayList<>();
        for (int step = 0; step < 30; step++) {
            steps.add(inOrder.batch(step, 6).ids());
        }
        ShuffledWindows jumping = two(7);
        for (int step : List.of(29, 3, 3, 17, 0, 28)) {
            assertArrayEquals(steps.get(step), jumping.batch(step, 6).ids(), "step " + step);
        }
        assertFalse(Arrays.equals(steps.getFirst(), two(8).batch(0, 6).ids()));
    }

    @Test
    void shardsAreReadAsTheyWereWritten() {
        TokenShard.write(directory.resolve("tokens-00000.safetensors"), windows(10, 3));
        TokenShard.write(directory.resolve("tokens-00001.safetensors"), windows(20, 4));
        WindowSet open = WindowSet.open(directory, WIDTH);
        WindowSet held = WindowSet.of(WIDTH, List.of(windows(10, 3), windows(20, 4)));
        assertEquals(7, open.count());
        for (int w = 0; w < 7; w++) {
            Batch read = open.batch(w);
            assertArrayEquals(held.batch(w).ids(), read.ids());
            assertArrayEquals(held.batch(w).targets(), read.targets());
            assertEquals(w == 2 || w == 6 ? 3 : 4, read.targetCount());
        }
        assertArrayEquals(new int[] {20, 12}, first(open.batch(3, 2)));
        String digest = WindowSet.sha256(directory);
        TokenShard.write(directory.resolve("tokens-00001.safetensors"), windows(21, 4));
        assertFalse(digest.equals(WindowSet.sha256(directory)));
        assertTrue(
                assertThrows(DataException.class, () -> WindowSet.open(directory, 9))
                        .getMessage()
                        .endsWith("make the shards again with --length 8"));
    }
}
