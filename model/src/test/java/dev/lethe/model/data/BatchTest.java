package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Targets, masks and lengths of padded rows.
class BatchTest {
    /// Four rows of four tokens, of which 4, 2, 1 and 0 are real.
    private static Batch padded() {
        int[] ids = {2, 7, 8, 9, 2, 5, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
        return Batch.shifted(4, 4, ids, new int[] {4, 2, 1, 0});
    }

    private static void assertRefused(String message, Executable work) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, work).getMessage());
    }

    @Test
    void shiftsTargetsWithinTheLengthOfARow() {
        Batch batch = padded();
        assertArrayEquals(
                new int[] {7, 8, 9, -1, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
                batch.targets());
        assertEquals(4, batch.targetCount());
        assertEquals(7, batch.positions());
        assertArrayEquals(
                new int[] {1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, batch.targetMask());
        assertArrayEquals(
                new int[] {1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},
                batch.positionMask());
    }

    @Test
    void takesIdZeroInsideARowForARealToken() {
        Batch batch = Batch.shifted(1, 3, new int[] {0, 0, 4}, new int[] {3});
        assertArrayEquals(new int[] {0, 4, -1}, batch.targets());
        assertEquals(2, batch.targetCount());
    }

    @Test
    void leavesOutTheLastColumnButKeepsItAsTarget() {
        Batch batch = padded().withoutLastColumn();
        assertEquals(3, batch.tokens());
        assertArrayEquals(new int[] {2, 7, 8, 2, 5, 0, 2, 0, 0, 0, 0, 0}, batch.ids());
        assertArrayEquals(
                new int[] {7, 8, 9, 5, -1, -1, -1, -1, -1, -1, -1, -1}, batch.targets());
        assertArrayEquals(new int[] {3, 2, 1, 0}, batch.lengths());
        assertEquals(padded().targetCount(), batch.targetCount());
    }

    @Test
    void cutsRows() {
        Batch batch = padded().rows(1, 3);
        assertEquals(2, batch.rows());
        assertArrayEquals(new int[] {2, 5, 0, 0, 2, 0, 0, 0}, batch.ids());
        assertArrayEquals(new int[] {5, -1, -1, -1, -1, -1, -1, -1}, batch.targets());
        assertArrayEquals(new int[] {2, 1}, batch.lengths());
    }

    @Test
    void readsLengthsFromAMask() {
        int[] mask = {1, 1, 1, 1, 1, 0, 0, 0, 0};
        assertArrayEquals(new int[] {3, 2, 0}, Batch.lengths("mask", 3, 3, mask));
    }

    @Test
    void refusesAMaskWithAHole() {
        assertRefused(
                "main.attention_mask: row 1 has padding before position 2; expected padding on the"
                        + " right only, move it there",
                () ->
                        Batch.lengths(
                                "main.attention_mask", 2, 3, new int[] {1, 1, 1, 1, 0, 1}));
        assertRefused(
                "m: row 0 has padding before position 1; expected padding on the right only, move"
                        + " it there",
                () -> Batch.lengths("m", 1, 2, new int[] {0, 1}));
    }

    @Test
    void refusesAMaskOfOtherNumbers() {
        assertRefused(
                "m: row 1, position 0: expected 0 or 1, got 2",
                () -> Batch.lengths("m", 2, 2, new int[] {1, 1, 2, 0}));
        assertRefused(
                "m: row 0, position 1: expected 0 or 1, got -1",
                () -> Batch.lengths("m", 1, 2, new int[] {1, -1}));
    }

    @Test
    void refusesAnIdOutsideTheVocabulary() {
        Batch batch = padded();
        assertSame(batch, batch.requireVocabulary("main", 10));
        assertRefused(
                "main: row 0, position 3: token id 9 is outside the vocabulary; expected 0 to 8",
                () -> batch.requireVocabulary("main", 9));
        Batch negative = Batch.shifted(2, 1, new int[] {3, -1}, new int[] {1, 1});
        assertRefused(
                "retain: row 1, position 0: token id -1 is outside the vocabulary; expected 0 to 9",
                () -> negative.requireVocabulary("retain", 10));
    }

    @Test
    void refusesArraysThatDoNotFit() {
        assertRefused(
                "batch: 2 rows of 3 tokens need 6 ids and targets and 2 lengths, got 6, 5, 2",
                () -> new Batch(2, 3, new int[6], new int[5], new int[2]));
        assertRefused(
                "batch: 2 rows of 3 tokens need 6 ids and targets and 2 lengths, got 6, 6, 1",
                () -> new Batch(2, 3, new int[6], new int[6], new int[1]));
    }
}
