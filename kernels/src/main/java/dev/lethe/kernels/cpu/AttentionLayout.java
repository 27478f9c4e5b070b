package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels.Heads;

/// Sizes in elements, and offsets in bytes, of `[B, T, H, D]` queries and `[B, T, Hkv, D]` keys.
record AttentionLayout(Heads heads) {
    AttentionLayout {
        if (heads.kvHeads() < 1 || heads.heads() % heads.kvHeads() != 0 || heads.window() < 1) {
            throw new IllegalArgumentException(
                    "attention: heads must be a multiple of kvHeads and window at least 1, got "
                            + heads);
        }
    }

    long querySize() {
        return (long) heads.batch() * heads.queries() * queryStride();
    }

    long keySize() {
        return (long) heads.batch() * heads.keys() * keyStride();
    }

    long logSize() {
        return (long) heads.batch() * heads.heads() * heads.queries();
    }

    /// Elements from one query to the next.
    int queryStride() {
        return heads.heads() * heads.headDim();
    }

    int keyStride() {
        return heads.kvHeads() * heads.headDim();
    }

    long query(int b, int t, int h) {
        long row = (long) b * heads.queries() + t;
        return (row * queryStride() + (long) h * heads.headDim()) * Float.BYTES;
    }

    /// Of the key head that query head h shares with its group.
    long key(int b, int t, int h) {
        long row = (long) b * heads.keys() + t;
        int shared = h / (heads.heads() / heads.kvHeads());
        return (row * keyStride() + (long) shared * heads.headDim()) * Float.BYTES;
    }

    /// Whether query head h is the first of those that share a key head.
    boolean firstOfGroup(int h) {
        return h % (heads.heads() / heads.kvHeads()) == 0;
    }

    long log(int b, int h, int t) {
        return (((long) b * heads.heads() + h) * heads.queries() + t) * Float.BYTES;
    }

    /// Of a number of each query and head of one row of the batch, `[T, H]`.
    long delta(int h, int t) {
        return ((long) t * heads.heads() + h) * Float.BYTES;
    }
}
