package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.kernels.cpu.AttentionBlock.Slopes;

/// F32. Queries of one head go through in blocks, so that a block's scores stay in the cache and keys
/// that no query of the block sees are never touched; matrices are read where they lie, in strides.
///
/// Forward: `S = Q K^T`, rows to probabilities P, `O = P V`. Backward: P again from S and the saved
/// logarithms, `dP = dO V^T`, rows to dS ([AttentionLoops]), `dV += P^T dO`, `dQ = dS K`,
/// `dK += dS^T Q`.
final class CpuAttention implements AttentionKernels {
    private static final int BLOCK = 64;

    /// Scores capped at most so far need no maximum subtracted: `e^60` times any sum is finite in F32.
    private static final double SAFE_CAP = 60;

    private static final Scratch SCRATCH = new Scratch();

    private final Gemm gemm;

    CpuAttention(Gemm gemm) {
        this.gemm = gemm;
    }

    @Override
    public void forward(
            Heads heads, Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp) {
        AttentionLayout at = new AttentionLayout(heads);
        long qs = Expect.floats("attention: q", q, at.querySize());
        long ks = Expect.floats("attention: k", k, at.keySize());
        long vs = Expect.floats("attention: v", v, at.keySize());
        long out = Expect.floats("attention: output", output, at.querySize());
        long logs = Expect.floats("attention: logSumExp", logSumExp, at.logSize());
        Working working = Working.of(heads, 1);
        for (int b = 0; b < heads.batch(); b++) {
            for (int h = 0; h < heads.heads(); h++) {
                for (int from = 0; from < heads.queries(); from += BLOCK) {
                    AttentionBlock block = block(heads, from);
                    long query = at.query(b, from, h);
                    long key = at.key(b, block.firstKey(), h);
                    if (block.keys() > 0) {
                        product(at, block, qs + query, ks + key, working.scores);
                    }
                    softmax(heads, block, working, logs + at.log(b, h, from));
                    if (block.keys() > 0) {
                        gemm.f32(
                                false, false, block.rows(), heads.headDim(), block.keys(),
                                working.scores, block.stride(), vs + key, at.keyStride(), false,
                                out + query, at.queryStride());
                    } else {
                        zeroRows(at, block, out + query);
                    }
                }
            }
        }
    }

    private static AttentionBlock block(Heads heads, int from) {
        return AttentionBlock.of(heads, from, Math.min(BLOCK, heads.queries() - from));
    }

    /// `x = q keys^T`, rows of the block by its keys.
    private void product(AttentionLayout at, AttentionBlock block, long q, long keys, long x) {
        gemm.f32(
                false, true, block.rows(), block.keys(), at.heads().headDim(), q, at.queryStride(),
                keys, at.keyStride(), false, x, block.stride());
    }

    private static void softmax(Heads heads, AttentionBlock block, Working working, long logs) {
        Slopes slopes = Slopes.of(heads);
        long scores = working.scores;
        if (slopes.capped()) {
            AttentionLoops.tanh(block, scores, slopes.inner());
        }
        if (slopes.capped() && heads.softCap() <= SAFE_CAP) {
            ElementwiseLoops.fill(0, working.maxima, block.rows());
        } else {
            AttentionLoops.maxima(block, scores, slopes.outer(), working.maxima);
        }
        AttentionLoops.exponentials(block, scores, slopes.outer(), working.maxima, working.lanes);
        AttentionLoops.fold(block.rows(), working.lanes, working.sums);
        AttentionLoops.logarithms(block.rows(), working.sums, working.maxima, logs);
        AttentionLoops.scale(block, scores, working.sums);
        AttentionLoops.clear(block, scores);
    }

    @Override
    public void backward(
            Heads heads, Saved saved, Buffer dOutput, Buffer dq, Buffer dk, Buffer dv) {
        AttentionLayout at = new AttentionLayout(heads);
        Expect.floats("attention: q", saved.q(), at.querySize());
        Expect.floats("attention: k", saved.k(), at.keySize());
        Expect.floats("attention: v", saved.v(), at.keySize());
        Expect.floats("attention: output", saved.output(), at.querySize());
        Expect.floats("attention: logSumExp", saved.logSumExp(), at.logSize());
        Expect.floats("attention: dOutput", dOutput, at.querySize());
        Expect.floats("attention: dq", dq, at.querySize());
        HostMemory.zero(Expect.floats("attention: dk", dk, at.keySize()), dk.bytes());
        HostMemory.zero(Expect.floats("attention: dv", dv, at.keySize()), dv.bytes());
        Working working = Working.of(heads, 2);
        for (int b = 0; b < heads.batch(); b++) {
            for (int h = 0; h < heads.heads(); h++) {
                for (int from = 0; from < heads.queries(); from += BLOCK) {
                    AttentionBlock block = block(heads, from);
                    long query = at.query(b, from, h);
                    if (block.keys() == 0) {
                        zeroRows(at, block, dq.address() + query);
                        continue;
                    }
                    long key = at.key(b, block.firstKey(), h);
                    long dOut = dOutput.address() + query;
                    AttentionLoops.dots(
                            block.rows(),
                            heads.headDim(),
                            saved.output().address() + query,
                            dOut,
                            (long) at.queryStride() * Float.BYTES,
                            working.sums);
                    product(
                            at,
                            block,
                            saved.q().address() + query,
                            saved.k().address() + key,
                            working.scores);
                    product(at, block, dOut, saved.v().address() + key, working.dScores);
                    long logs = saved.logSumExp().address() + at.log(b, h, from);
                    gradient(heads, block, working, logs);
                    addTo(at, block, working.scores, dOut, dv.address() + key);
                    gemm.f32(
                            false, false, block.rows(), heads.headDim(), block.keys(),
                            working.dScores, block.stride(), saved.k().address() + key,
                            at.keyStride(), false, dq.address() + query, at.queryStride());
                    long q = saved.q().address() + query;
                    addTo(at, block, working.dScores, q, dk.address() + key);
                }
            }
        }
    }

    private static void gradient(Heads heads, AttentionBlock block, Working working, long logs) {
        Slopes slopes = Slopes.of(heads);
        long scores = working.scores;
        long dScores = working.dScores;
        if (slopes.capped()) {
            AttentionLoops.tanh(block, scores, slopes.inner());
        }
        AttentionLoops.gradient(block, scores, dScores, logs, working.sums, slopes);
        AttentionLoops.clear(block, scores);
        AttentionLoops.clear(block, dScores);
    }

    /// `to += scores^T x`, x being rows of queries and `to` rows of keys.
    private void addTo(AttentionLayout at, AttentionBlock block, long scores, long x, long to) {
        gemm.f32(
                true, false, block.keys(), at.heads().headDim(), block.rows(), scores,
                block.stride(), x, at.queryStride(), true, to, at.keyStride());
    }

    private static void zeroRows(AttentionLayout at, AttentionBlock block, long to) {
        for (int row = 0; row < block.rows(); row++) {
            long line = to + (long) row * at.queryStride() * Float.BYTES;
            ElementwiseLoops.fill(0, line, at.heads().headDim());
        }
    }

    /// Scratch: scores and their gradients, and numbers of each row.
    private record Working(long scores, long dScores, long lanes, long sums, long maxima) {
        static Working of(Heads heads, int matrices) {
            long matrix = Scratch.floats((long) BLOCK * F32.padded(heads.keys()));
            long lanes = Scratch.floats((long) BLOCK * F32.LANES);
            long numbers = Scratch.floats(BLOCK);
            long scores = SCRATCH.bytes(matrices * matrix + lanes + 2 * numbers);
            long rest = scores + matrices * matrix;
            return new Working(
                    scores, scores + matrix, rest, rest + lanes, rest + lanes + numbers);
        }
    }
}
