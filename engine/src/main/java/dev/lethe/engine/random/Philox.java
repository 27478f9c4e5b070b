package dev.lethe.engine.random;

/// Philox4x32 with ten rounds: a keyed bijection of 128-bit blocks whose outputs, over a running
/// counter, pass as random (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy
/// as 1, 2, 3", section 3.3).
///
/// Nothing is carried from one block to the next, so any block is computed anywhere at the price of
/// one.
final class Philox {
    private static final int ROUNDS = 10;

    /// Multipliers of the two halves of a block.
    private static final int M0 = 0xD2511F53;

    private static final int M1 = 0xCD9E8D57;

    /// Weyl steps of the two key words: the golden ratio and sqrt(3) - 1, as fractions of 2^32.
    private static final int W0 = 0x9E3779B9;

    private static final int W1 = 0xBB67AE85;

    private Philox() {}

    /// Four 32-bit words x0 .. x3 in order: `low` holds x0 in its lower and x1 in its upper half,
    /// `high` holds x2 and x3.
    record Block(long low, long high) {
        /// Word `lane` of 0 .. 3.
        int word(int lane) {
            return (int) (pair(lane >>> 1) >>> ((lane & 1) << 5));
        }

        /// Words `2 half` and `2 half + 1`, the first one in the lower 32 bits.
        long pair(int half) {
            return half == 0 ? low : high;
        }
    }

    /// The output block for a counter block. The key's first word is the lower half of `key`.
    static Block block(Block counter, long key) {
        int x0 = (int) counter.low;
        int x1 = (int) (counter.low >>> 32);
        int x2 = (int) counter.high;
        int x3 = (int) (counter.high >>> 32);
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = Integer.toUnsignedLong(M0) * Integer.toUnsignedLong(x0);
            long product1 = Integer.toUnsignedLong(M1) * Integer.toUnsignedLong(x2);
            x0 = (int) (product1 >>> 32) ^ x1 ^ k0;
            x1 = (int) product1;
            x2 = (int) (product0 >>> 32) ^ x3 ^ k1;
            x3 = (int) product0;
            k0 += W0;
            k1 += W1;
        }
        return new Block(joined(x0, x1), joined(x2, x3));
    }

    /// 64 bits from a lower and an upper word.
    static long joined(int lower, int upper) {
        return Integer.toUnsignedLong(lower) | ((long) upper << 32);
    }
}
