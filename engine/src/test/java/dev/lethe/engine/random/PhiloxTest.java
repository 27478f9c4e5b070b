package dev.lethe.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/// The published known-answer vectors of Random123 (`kat_vectors`, lines `philox4x32 10`).
class PhiloxTest {
    @Test
    void zeros() {
        requireAnswer(
                new int[] {0, 0, 0, 0},
                new int[] {0, 0},
                new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    }

    @Test
    void ones() {
        requireAnswer(
                new int[] {-1, -1, -1, -1},
                new int[] {-1, -1},
                new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    }

    @Test
    void digitsOfPi() {
        requireAnswer(
                new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                new int[] {0xa4093822, 0x299f31d0},
                new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
    }

    @Test
    void everyCounterAndKeyBitCounts() {
        Philox.Block zero = Philox.block(new Philox.Block(0, 0), 0);
        for (int bit = 0; bit < 64; bit++) {
            assertNotEquals(zero, Philox.block(new Philox.Block(1L << bit, 0), 0));
            assertNotEquals(zero, Philox.block(new Philox.Block(0, 1L << bit), 0));
            assertNotEquals(zero, Philox.block(new Philox.Block(0, 0), 1L << bit));
        }
    }

    private static void requireAnswer(int[] counter, int[] key, int[] expected) {
        Philox.Block in =
                new Philox.Block(
                        Philox.joined(counter[0], counter[1]),
                        Philox.joined(counter[2], counter[3]));
        Philox.Block out = Philox.block(in, Philox.joined(key[0], key[1]));
        for (int lane = 0; lane < 4; lane++) {
            assertEquals(
                    Integer.toHexString(expected[lane]),
                    Integer.toHexString(out.word(lane)),
                    "lane " + lane);
        }
    }
}
