package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.memory.Buffer;

/// F32. Queries of one head go through in blocks, so that a block's scores stay in the cache and keys
/// that no query of the block sees are never touched; matrices are read where they lie, in strides.
///
/// Forward: `S = Q K^T`, rows to probabilities P, `O = P V`. Backward: P again from S and the saved
/// logarithms, `dP = dO V^T`, rows to dS ([ScoreRows]), `dV += P^T dO`, `dQ = dS K`, `dK += dS^T Q`.
final class CpuAttention implements AttentionKernels {
    private static final int BLOCK = 64;

    private static final Scratch SCRATCH = new Scratch();

    private final Gemm gemm;

    CpuAttention(Gemm gemm) {
        this.gemm = gemm;
    }

    @Override
    public void forward(
            Heads heads, Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp) {
        Layout at = new Layout(heads);
        long qs = Expect.floats("attention: q", q, at.querySize());
        long ks = Expect.floats("attention: k", k, at.keySize());
        long vs = Expect.floats("attention: v", v, at.keySize());
        long out = Expect.floats("attention: output", output, at.querySize());
        long logs = Expect.floats("attention: logSumExp", logSumExp, at.logSize());
        long scores = SCRATCH.bytes(Scratch.floats((long) BLOCK * heads.keys()));
        for (int b = 0; b < heads.batch(); b++) {
            for (int h = 0; h < heads.heads(); h++) {
                for (int from = 0; from < heads.queries(); from += BLOCK) {
                    Block block = Block.of(heads, from);
                    long query = at.query(b, from, h);
                    long key = at.key(b, block.firstKey, h);
                    if (block.keys == 0) {
                        zeroRows(block.rows, heads.headDim(), out + query, at.queryStride());
                    } else {
                        gemm.f32(
                                false, true, block.rows, block.keys, heads.headDim(), qs + query,
                                at.queryStride(), ks + key, at.keyStride(), false, scores,
                                block.keys);
                    }
                    for (int row = 0; row < block.rows; row++) {
                        float log = softmaxRow(heads, block, row, scores);
                        HostMemory.f32(logs + at.log(b, h, from + row), log);
                    }
                    if (block.keys > 0) {
                        gemm.f32(
                                false, false, block.rows, heads.headDim(), block.keys, scores,
                                block.keys, vs + key, at.keyStride(), false, out + query,
                                at.queryStride());
                    }
                }
            }
        }
    }

    private static float softmaxRow(Heads heads, Block block, int row, long scores) {
        int start = block.start(row);
        int end = block.end(row);
        if (start >= end) {
            clear(block, row, 0, 0, scores);
            return Float.NEGATIVE_INFINITY; // the logarithm of an empty sum
        }
        long visible = scores + ((long) row * block.keys + start) * Float.BYTES;
        float log = ScoreRows.softmax(end - start, visible, heads.scale(), heads.softCap());
        clear(block, row, start, end, scores);
        return log;
    }

    @Override
    public void backward(
            Heads heads, Saved saved, Buffer dOutput, Buffer dq, Buffer dk, Buffer dv) {
        Layout at = new Layout(heads);
        Expect.floats("attention: q", saved.q(), at.querySize());
        Expect.floats("attention: k", saved.k(), at.keySize());
        Expect.floats("attention: v", saved.v(), at.keySize());
        Expect.floats("attention: output", saved.output(), at.querySize());
        Expect.floats("attention: logSumExp", saved.logSumExp(), at.logSize());
        Expect.floats("attention: dOutput", dOutput, at.querySize());
        Expect.floats("attention: dq", dq, at.querySize());
        HostMemory.zero(Expect.floats("attention: dk", dk, at.keySize()), dk.bytes());
        HostMemory.zero(Expect.floats("attention: dv", dv, at.keySize()), dv.bytes());
        long size = Scratch.floats((long) BLOCK * heads.keys());
        long scores = SCRATCH.bytes(2 * size);
        long dScores = scores + size;
        for (int b = 0; b < heads.batch(); b++) {
            for (int h = 0; h < heads.heads(); h++) {
                for (int from = 0; from < heads.queries(); from += BLOCK) {
                    Block block = Block.of(heads, from);
                    long query = at.query(b, from, h);
                    if (block.keys == 0) {
                        long rows = dq.address() + query;
                        zeroRows(block.rows, heads.headDim(), rows, at.queryStride());
                        continue;
                    }
                    long key = at.key(b, block.firstKey, h);
                    long log = saved.logSumExp().address() + at.log(b, h, from);
                    long out = saved.output().address() + query;
                    long dOut = dOutput.address() + query;
                    Matrices m =
                            new Matrices(
                                    saved.q().address() + query,
                                    saved.k().address() + key,
                                    saved.v().address() + key,
                                    dOut,
                                    scores,
                                    dScores);
                    recompute(at, block, m);
                    for (int row = 0; row < block.rows; row++) {
                        long offset = (long) row * at.queryStride() * Float.BYTES;
                        float delta =
                                ScoreRows.dot(heads.headDim(), out + offset, dOut + offset);
                        gradientRow(heads, block, row, m, F32.get(log, row), delta);
                    }
                    multiplyBack(
                            at,
                            block,
                            m,
                            dq.address() + query,
                            dk.address() + key,
                            dv.address() + key);
                }
            }
        }
    }

    /// Addresses of one block's matrices: q, dOutput `[rows, D]`, k, v `[keys, D]`, the rest scratch.
    private record Matrices(long q, long k, long v, long dOutput, long scores, long dScores) {}

    private void recompute(Layout at, Block block, Matrices m) {
        int rows = block.rows;
        int keys = block.keys;
        int d = at.heads.headDim();
        gemm.f32(
                false, true, rows, keys, d, m.q, at.queryStride(), m.k, at.keyStride(), false,
                m.scores, keys);
        gemm.f32(
                false, true, rows, keys, d, m.dOutput, at.queryStride(), m.v, at.keyStride(), false,
                m.dScores, keys);
    }

    private static void gradientRow(
            Heads heads, Block block, int row, Matrices m, float log, float delta) {
        int start = block.start(row);
        int end = Math.max(start, block.end(row));
        long offset = ((long) row * block.keys + start) * Float.BYTES;
        ScoreRows.gradient(
                end - start,
                m.scores + offset,
                m.dScores + offset,
                log,
                delta,
                heads.scale(),
                heads.softCap());
        clear(block, row, start, end, m.scores);
        clear(block, row, start, end, m.dScores);
    }

    private void multiplyBack(Layout at, Block block, Matrices m, long dq, long dk, long dv) {
        int rows = block.rows;
        int keys = block.keys;
        int d = at.heads.headDim();
        gemm.f32(
                true, false, keys, d, rows, m.scores, keys, m.dOutput, at.queryStride(), true, dv,
                at.keyStride());
        gemm.f32(
                false, false, rows, d, keys, m.dScores, keys, m.k, at.keyStride(), false, dq,
                at.queryStride());
        gemm.f32(
                true, false, keys, d, rows, m.dScores, keys, m.q, at.queryStride(), true, dk,
                at.keyStride());
    }

    /// Zeros where a row of a score matrix sees nothing.
    private static void clear(Block block, int row, int start, int end, long scores) {
        long line = scores + (long) row * block.keys * Float.BYTES;
        ElementwiseF32.fill(0, line, start);
        ElementwiseF32.fill(0, line + (long) end * Float.BYTES, block.keys - end);
    }

    private static void zeroRows(int rows, int width, long to, int stride) {
        for (int row = 0; row < rows; row++) {
            ElementwiseF32.fill(0, to + (long) row * stride * Float.BYTES, width);
        }
    }

    /// Some successive queries and the keys that at least one of them sees.
    ///
    /// @param position of the first query
    private record Block(int rows, int position, int firstKey, int keys, int window) {
        static Block of(Heads heads, int from) {
            int rows = Math.min(BLOCK, heads.queries() - from);
            int position = heads.keys() - heads.queries() + from;
            int first = Math.max(0, position - heads.window() + 1);
            int end = Math.max(0, position + rows);
            return new Block(rows, position, Math.min(first, end), Math.max(0, end - first),
                    heads.window());
        }

        /// First key that a row sees, counted from the block's first.
        int start(int row) {
            return Math.clamp((long) position + row - window + 1 - firstKey, 0, keys);
        }

        /// One past the last.
        int end(int row) {
            return Math.clamp((long) position + row + 1 - firstKey, 0, keys);
        }
    }

    /// Offsets, in bytes, into `[B, T, H, D]`.
    private record Layout(Heads heads) {
        Layout {
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

        long log(int b, int h, int t) {
            return (((long) b * heads.heads() + h) * heads.queries() + t) * Float.BYTES;
        }
    }
}
