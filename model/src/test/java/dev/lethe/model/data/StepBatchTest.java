package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.model.data.StepBatch.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Roles of a step's batches, and their cut into parts.
class StepBatchTest {
    /// Rows of two tokens; row r holds r and r.
    private static Batch numbered(int rows) {
        int[] ids = IntStream.range(0, 2 * rows).map(i -> i / 2).toArray();
        int[] lengths = new int[rows];
        Arrays.fill(lengths, 2);
        return Batch.shifted(rows, 2, ids, lengths);
    }

    @Test
    void givesABatchByItsRole() {
        Batch forget = numbered(2);
        Batch retain = numbered(3);
        StepBatch batch = StepBatch.forgetAndRetain(forget, retain);
        assertSame(forget, batch.get(Role.FORGET));
        assertSame(retain, batch.get(Role.RETAIN));
        assertEquals(2, batch.rows());
        assertEquals(10, batch.tokens());
        assertEquals("forget", Role.FORGET.label());
        assertEquals(
                "batch: the objective needs main data, got only [FORGET, RETAIN]",
                assertThrows(IllegalArgumentException.class, () -> batch.get(Role.MAIN))
                        .getMessage());
    }

    @Test
    void countsRealTokensOnly() {
        int[] ids = {4, 4, 4, 4, 0, 0};
        assertEquals(
                4, StepBatch.main(Batch.shifted(2, 3, ids, new int[] {3, 1})).tokens());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void cutsEveryRowIntoExactlyOnePart(int count) {
        StepBatch batch = StepBatch.forgetAndRetain(numbered(7), numbered(11));
        List<Integer> forget = new ArrayList<>();
        List<Integer> retain = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StepBatch part = batch.part(i, count);
            assertNearlyEqual(7, count, part.get(Role.FORGET).rows());
            assertNearlyEqual(11, count, part.get(Role.RETAIN).rows());
            Arrays.stream(part.get(Role.FORGET).ids()).forEach(forget::add);
            Arrays.stream(part.get(Role.RETAIN).ids()).forEach(retain::add);
        }
        assertArrayEquals(numbered(7).ids(), ints(forget));
        assertArrayEquals(numbered(11).ids(), ints(retain));
    }

    @Test
    void rowsAreTheMostPartsWithoutAnEmptyOne() {
        StepBatch batch = StepBatch.forgetAndRetain(numbered(3), numbered(11));
        assertEquals(3, batch.rows());
        for (int i = 0; i < 3; i++) {
            assertEquals(1, batch.part(i, 3).get(Role.FORGET).rows());
        }
        assertEquals(0, batch.part(0, 4).get(Role.FORGET).rows());
    }

    private static void assertNearlyEqual(int rows, int count, int part) {
        assertEquals((double) rows / count, part, 1 - 1e-9, "rows of a part");
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
