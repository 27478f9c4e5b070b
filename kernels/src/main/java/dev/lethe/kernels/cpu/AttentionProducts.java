package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels.Heads;

/// The matrix products of one block of queries, cut along the keys.
///
/// OpenBLAS multiplies matrices in place, without packing them first, up to a million
/// multiply-adds a call, and reads op(b) as stored faster than transposed (250 and 150 GFLOP/s at
/// 64 by 64 by 32). So keys and values that several queries meet are transposed once, and a product
/// is made in pieces of at most that size.
final class AttentionProducts {
    private static final int UNPACKED = 1_000_000;

    /// Queries of one key head, from which on it pays to transpose its keys.
    private static final int MANY = 16;

    /// Keys up to which [FewKeysLoops] are faster than a library and what goes with it.
    private static final int FEW = 16;

    private final Gemm gemm;
    private final AttentionLayout at;

    private final boolean turned; // keys are read as [headDim, keys]
    private final int keysStride; // of keys as read

    AttentionProducts(Gemm gemm, AttentionLayout at) {
        this.gemm = gemm;
        this.at = at;
        this.turned = turns(at.heads());
        this.keysStride = turned ? F32.padded(at.heads().keys()) : at.keyStride();
    }

    /// Whether [#keys] transposes.
    static boolean turns(Heads heads) {
        return heads.queries() * (heads.heads() / heads.kvHeads()) >= MANY;
    }

    /// Floats that transposed keys take.
    static long turnedSize(Heads heads) {
        long rows = (heads.headDim() + TransposeLoops.FOUR - 1) & -TransposeLoops.FOUR;
        return turns(heads) ? rows * F32.padded(heads.keys()) : 0;
    }

    /// All keys of one head, ready for [#scores]: `[keys, headDim]` as stored, or transposed.
    ///
    /// @param place for [#turnedSize] floats
    /// @param square place for [TransposeLoops#SQUARE] floats
    /// @return their address
    long keys(long keys, long place, long square) {
        Heads heads = at.heads();
        if (!turned) {
            return keys;
        }
        TransposeLoops.transpose(
                heads.keys(), heads.headDim(), keys, at.keyStride(), place, keysStride, square);
        return place;
    }

    /// `x = q keys^T`, rows of the block by its keys.
    void scores(AttentionBlock block, long q, long keys, long x) {
        int width = at.heads().headDim();
        int span = span(block);
        for (int key = 0; key < block.keys(); key += span) {
            gemm.f32(
                    false, !turned, block.rows(), Math.min(span, block.keys() - key), width,
                    q, at.queryStride(), keys + offset(block.firstKey() + key), keysStride, false,
                    x + (long) key * Float.BYTES, block.stride());
        }
    }

    /// Bytes from the first key to this one.
    private long offset(int key) {
        return (turned ? key : (long) key * keysStride) * Float.BYTES;
    }

    /// Whether a block's keys are so few that [FewKeysLoops] makes its averages.
    boolean few(AttentionBlock block) {
        return block.keys() <= FEW
                && block.firstEnd() > 0
                && F32.bound(at.heads().headDim()) == at.heads().headDim();
    }

    /// `to = weights values`, each row over the sum of its weights; 0 where that is 0.
    ///
    /// @param sums of the rows of weights: written where keys are [#few], else read
    void average(AttentionBlock block, long weights, long values, long to, long sums) {
        if (few(block)) {
            FewKeysLoops.average(at, block, weights, values, to, sums);
        } else {
            gather(block, weights, values, to);
            int width = at.heads().headDim();
            AttentionLoops.divide(block.rows(), width, to, at.queryStride(), sums);
        }
    }

    /// `to = scores keys`, rows of queries; keys and values begin with the block's first.
    void gather(AttentionBlock block, long scores, long keys, long to) {
        int width = at.heads().headDim();
        int span = span(block);
        for (int key = 0; key < block.keys(); key += span) {
            gemm.f32(
                    false, false, block.rows(), width, Math.min(span, block.keys() - key),
                    scores + (long) key * Float.BYTES, block.stride(),
                    keys + (long) key * at.keyStride() * Float.BYTES, at.keyStride(), key > 0, to,
                    at.queryStride());
        }
    }

    /// `to += scores^T x`, x being rows of queries and `to` rows of keys.
    void scatter(AttentionBlock block, long scores, long x, long to) {
        int width = at.heads().headDim();
        int span = span(block);
        for (int key = 0; key < block.keys(); key += span) {
            gemm.f32(
                    true, false, Math.min(span, block.keys() - key), width, block.rows(),
                    scores + (long) key * Float.BYTES, block.stride(), x, at.queryStride(), true,
                    to + (long) key * at.keyStride() * Float.BYTES, at.keyStride());
        }
    }

    /// Keys a call.
    private int span(AttentionBlock block) {
        long all = UNPACKED / ((long) block.rows() * at.heads().headDim());
        return (int) Math.max(F32.LANES, all & -F32.LANES);
    }
}
