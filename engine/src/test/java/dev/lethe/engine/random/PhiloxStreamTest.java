package dev.lethe.engine.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhiloxStreamTest {
    private static final PhiloxStream STREAM = new PhiloxStream(42, Purpose.INITIALIZATION, 3);

    @Test
    void addressIsKeyAndCounter() {
        // Key (0xa4093822, 0x299f31d0), counter (5, 7, INITIALIZATION = 1, 0xfffffffe).
        long seed = 0x299f31d0a4093822L;
        PhiloxStream stream = new PhiloxStream(seed, Purpose.INITIALIZATION, -2);
        long blockIndex = 5 | 7L << 32;
        Philox.Block counter = new Philox.Block(blockIndex, 1 | 0xfffffffeL << 32);
        Philox.Block block = Philox.block(counter, seed);
        for (int lane = 0; lane < 4; lane++) {
            assertEquals(block.word(lane), stream.word(4 * blockIndex + lane));
        }
        assertEquals(block.low(), stream.bits(2 * blockIndex));
        assertEquals(block.high(), stream.bits(2 * blockIndex + 1));
    }

    @Test
    void elementIsTwoWordsLowerFirst() {
        for (long i = 0; i < 9; i++) {
            long joined = Philox.joined(STREAM.word(2 * i), STREAM.word(2 * i + 1));
            assertEquals(joined, STREAM.bits(i));
        }
    }

    @Test
    void everyPartOfTheAddressCounts() {
        Set<Long> seen = new HashSet<>();
        int count = 0;
        for (long seed : new long[] {0, 1, 1L << 32, -1}) {
            for (Purpose purpose : Purpose.values()) {
                for (int stream : new int[] {0, 1, 1 << 31, -1}) {
                    for (long i : new long[] {0, 1, 2, 1L << 33, 1L << 62, Long.MIN_VALUE, -1}) {
                        seen.add(new PhiloxStream(seed, purpose, stream).bits(i));
                        count++;
                    }
                }
            }
        }
        assertEquals(count, seen.size(), "addresses that share their 64 bits");
        assertEquals(new PhiloxStream(42, Purpose.INITIALIZATION, 8), STREAM.withStream(8));
    }

    @Test
    void drawsUseTheElementsBits() {
        for (long i = 0; i < 50; i++) {
            long bits = STREAM.bits(i);
            assertEquals((bits >>> 11) / 0x1p53, STREAM.uniform(i));
            assertEquals(NormalQuantile.ofBits(bits), STREAM.normal(i));
            assertEquals(new Distribution.Uniform(-2, 5).f64(bits), STREAM.uniform(i, -2, 5));
        }
    }

    /// Any cut of a range, filled by any thread, gives the bits of the single draws.
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1_000_003, -5})
    void rangesAndThreadsDoNotChangeBits(long firstIndex) {
        int count = 1009;
        int[] cuts = {0, 1, 2, 5, 8, 400, 400, 777, 1008, 1009};
        Distribution law = new Distribution.Normal(0.5, 2);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment f64 = arena.allocate(8L * count + 8);
            MemorySegment f32 = arena.allocate(4L * count + 4);
            IntStream.range(1, cuts.length)
                    .parallel()
                    .forEach(
                            part -> {
                                int from = cuts[part - 1];
                                int n = cuts[part] - from;
                                STREAM.fillF64(f64, 8L * from, firstIndex + from, n, law);
                                STREAM.fillF32(f32, 4L * from, firstIndex + from, n, law);
                            });
            for (int k = 0; k < count; k++) {
                long bits = STREAM.bits(firstIndex + k);
                assertEquals(law.f64(bits), f64.getAtIndex(ValueLayout.JAVA_DOUBLE, k));
                assertEquals(law.f32(bits), f32.getAtIndex(ValueLayout.JAVA_FLOAT, k));
            }
            assertEquals(0, f64.getAtIndex(ValueLayout.JAVA_LONG, count), "written past the end");
            assertEquals(0, f32.getAtIndex(ValueLayout.JAVA_INT, count), "written past the end");
        }
    }

    @Test
    void fillHonoursAnOddOffset() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[11]);
        STREAM.fillF32(bytes, 3, 6, 2, Distribution.Uniform.UNIT);
        assertEquals(0, bytes.get(ValueLayout.JAVA_BYTE, 0));
        assertEquals((float) STREAM.uniform(6), bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 3));
        assertEquals((float) STREAM.uniform(7), bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 7));
    }

    @Test
    void fillOutsideTheSegmentIsRefusedWhole() {
        MemorySegment segment = MemorySegment.ofArray(new float[4]);
        long[][] bad = {{0, 5}, {4, 4}, {-4, 1}, {0, -1}, {20, 0}, {0, Long.MAX_VALUE}};
        for (long[] range : bad) {
            String message =
                    assertThrows(
                                    IndexOutOfBoundsException.class,
                                    () ->
                                            STREAM.fillF32(
                                                    segment,
                                                    range[0],
                                                    0,
                                                    range[1],
                                                    Distribution.Normal.STANDARD))
                            .getMessage();
            assertEquals(
                    "random fill: "
                            + range[1]
                            + " elements of 4 bytes at offset "
                            + range[0]
                            + " must lie within the segment of 16 bytes; correct the offset or the"
                            + " count",
                    message);
        }
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> STREAM.fillF64(segment, 0, 0, 3, Distribution.Normal.STANDARD));
        assertArrayEquals(new float[4], segment.toArray(ValueLayout.JAVA_FLOAT));
        STREAM.fillF32(segment, 16, 0, 0, Distribution.Normal.STANDARD);
    }

    @Test
    void belowIsTheUpperHalfOfTheProduct() {
        for (long i = 0; i < 200; i++) {
            assertEquals(0, STREAM.below(i, 1));
            assertEquals(STREAM.bits(i) >>> 54, STREAM.below(i, 1024L), "power of two: upper bits");
            assertEquals(STREAM.below(i, 7L), STREAM.below(i, 7));
            assertTrue(STREAM.below(i, 7) >= 0 && STREAM.below(i, 7) < 7);
            assertTrue(STREAM.below(i, Long.MAX_VALUE) >= 0);
        }
        assertEquals(
                "random: bound must be at least 1, got 0; give the number of choices",
                assertThrows(IllegalArgumentException.class, () -> STREAM.below(0, 0))
                        .getMessage());
    }

    @Test
    void permutationHoldsEveryNumberOnce() {
        for (int n : new int[] {0, 1, 2, 3, 17, 1000}) {
            int[] order = STREAM.permutation(n);
            int[] sorted = order.clone();
            Arrays.sort(sorted);
            assertArrayEquals(IntStream.range(0, n).toArray(), sorted);
            assertArrayEquals(order, STREAM.permutation(n), "the same stream, the same order");
        }
        assertNotEquals(
                Arrays.toString(STREAM.permutation(17)),
                Arrays.toString(STREAM.withStream(4).permutation(17)));
        assertEquals(
                "permutation: length must be at least 0, got -1; give how many to order",
                assertThrows(IllegalArgumentException.class, () -> STREAM.permutation(-1))
                        .getMessage());
    }

    @Test
    void purposeIsRequired() {
        assertEquals(
                "random: purpose is null; name what the numbers are for",
                assertThrows(NullPointerException.class, () -> new PhiloxStream(1, null, 0))
                        .getMessage());
    }
}
