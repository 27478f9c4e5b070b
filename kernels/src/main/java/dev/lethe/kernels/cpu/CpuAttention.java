package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.kernels.cpu.AttentionBlock.Slopes;

/// F32. Queries of one head go through in blocks, so that a block's scores stay in the cache and
/// keys that no query of the block sees are never touched. Matrices are read where they lie, in
/// strides, but for keys and values that are transposed ([AttentionProducts]).
///
/// Forward: `S = Q K^T`, rows to exponentials E, `O = E V` with each row over the sum of its row of
/// E. Backward: probabilities P from S and the saved logarithms, `dP = dO V^T`, rows to dS
/// ([AttentionLoops]), `dV += P^T dO`, `dQ = dS K`, `dK += dS^T Q`.
final class CpuAttention implements AttentionKernels {
    /// Scores capped at most so far need no maximum subtracted: `e^60` times any sum of values
    /// below 10^12 is finite in F32.
    private static final double SAFE_CAP = 60;

    private static final Scratch SCRATCH = new Scratch();

    private final AttentionPlan.Cache plans;

    CpuAttention(Gemm gemm) {
        plans = new AttentionPlan.Cache(gemm);
    }

    @Override
    public void forward(
            Heads heads, Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp) {
        AttentionPlan plan = plans.of(heads);
        AttentionLayout at = plan.at();
        AttentionProducts products = plan.products();
        long qs = Expect.floats("attention: q", q, at.querySize());
        long ks = Expect.floats("attention: k", k, at.keySize());
        long vs = Expect.floats("attention: v", v, at.keySize());
        long out = Expect.floats("attention: output", output, at.querySize());
        long logs = Expect.floats("attention: logSumExp", logSumExp, at.logSize());
        Working working = Working.of(heads, 1);
        long keys = 0;
        for (int b = 0; b < heads.batch(); b++) {
            for (int h = 0; h < heads.heads(); h++) {
                if (at.firstOfGroup(h)) {
                    keys = products.keys(ks + at.key(b, 0, h), working.turned, working.square);
                }
                for (int i = 0; i < plan.blocks().length; i++) {
                    AttentionBlock block = plan.blocks()[i];
                    int from = i * AttentionPlan.BLOCK;
                    long query = at.query(b, from, h);
                    if (block.keys() > 0) {
                        products.scores(block, qs + query, keys, working.scores);
                    }
                    weights(plan, block, working);
                    if (block.keys() > 0) {
                        long value = vs + at.key(b, block.firstKey(), h);
                        products.average(block, working.scores, value, out + query, working.sums);
                    } else {
                        zeroRows(at, block, out + query);
                    }
                    AttentionLoops.logarithms(
                            block.rows(), working.sums, working.maxima, logs + at.log(b, h, from));
                }
            }
        }
    }

    /// Scores to exponentials, not yet divided by their sums.
    private static void weights(AttentionPlan plan, AttentionBlock block, Working working) {
        Slopes slopes = plan.slopes();
        long scores = working.scores;
        if (slopes.capped()) {
            AttentionLoops.tanh(block, scores, slopes.inner());
        }
        if (slopes.capped() && plan.at().heads().softCap() <= SAFE_CAP) {
            ElementwiseLoops.fill(0, working.maxima, block.rows());
        } else {
            AttentionLoops.maxima(block, scores, slopes.outer(), working.maxima);
        }
        long maxima = working.maxima;
        if (plan.products().few(block)) {
            AttentionLoops.exponentials(block, scores, slopes.outer(), maxima);
        } else {
            AttentionLoops.exponentials(block, scores, slopes.outer(), maxima, working.lanes);
            AttentionLoops.fold(block.rows(), working.lanes, working.sums);
        }
    }

    @Override
    public void backward(
            Heads heads, Saved saved, Buffer dOutput, Buffer dq, Buffer dk, Buffer dv) {
        AttentionPlan plan = plans.of(heads);
        AttentionLayout at = plan.at();
        AttentionProducts products = plan.products();
        Expect.floats("attention: q", saved.q(), at.querySize());
        Expect.floats("attention: k", saved.k(), at.keySize());
        Expect.floats("attention: v", saved.v(), at.keySize());
        Expect.floats("attention: output", saved.output(), at.querySize());
        Expect.floats("attention: logSumExp", saved.logSumExp(), at.logSize());
        Expect.floats("attention: dOutput", dOutput, at.querySize());
        Expect.floats("attention: dq", dq, at.querySize());
        Expect.floats("attention: dk", dk, at.keySize());
        Expect.floats("attention: dv", dv, at.keySize());
        Working working = Working.of(heads, 2);
        long keys = 0;
        long values = 0;
        for (int b = 0; b < heads.batch(); b++) {
            int keySize = Math.multiplyExact(heads.keys(), at.keyStride());
            ElementwiseLoops.fill(0, dk.address() + at.key(b, 0, 0), keySize);
            ElementwiseLoops.fill(0, dv.address() + at.key(b, 0, 0), keySize);
            AttentionLoops.dots(
                    heads.queries() * heads.heads(),
                    heads.headDim(),
                    saved.output().address() + at.query(b, 0, 0),
                    dOutput.address() + at.query(b, 0, 0),
                    working.deltas);
            for (int h = 0; h < heads.heads(); h++) {
                if (at.firstOfGroup(h)) {
                    long k = saved.k().address() + at.key(b, 0, h);
                    long v = saved.v().address() + at.key(b, 0, h);
                    keys = products.keys(k, working.turned, working.square);
                    values = products.keys(v, working.turnedValues, working.square);
                }
                for (int i = 0; i < plan.blocks().length; i++) {
                    AttentionBlock block = plan.blocks()[i];
                    int from = i * AttentionPlan.BLOCK;
                    long query = at.query(b, from, h);
                    long q = saved.q().address() + query;
                    long dOut = dOutput.address() + query;
                    if (block.keys() == 0) {
                        zeroRows(at, block, dq.address() + query);
                        continue;
                    }
                    products.scores(block, q, keys, working.scores);
                    products.scores(block, dOut, values, working.dScores);
                    long logs = saved.logSumExp().address() + at.log(b, h, from);
                    long deltas = working.deltas + at.delta(h, from);
                    gradient(plan, block, working, logs, deltas);
                    long key = at.key(b, block.firstKey(), h);
                    products.scatter(block, working.scores, dOut, dv.address() + key);
                    products.gather(
                            block,
                            working.dScores,
                            saved.k().address() + key,
                            dq.address() + query);
                    products.scatter(block, working.dScores, q, dk.address() + key);
                }
            }
        }
    }

    private static void gradient(
            AttentionPlan plan, AttentionBlock block, Working working, long logs, long deltas) {
        Slopes slopes = plan.slopes();
        if (slopes.capped()) {
            AttentionLoops.tanh(block, working.scores, slopes.inner());
        }
        int next = plan.at().heads().heads();
        AttentionLoops.gradient(
                block, working.scores, working.dScores, logs, deltas, next, slopes);
    }

    private static void zeroRows(AttentionLayout at, AttentionBlock block, long to) {
        for (int row = 0; row < block.rows(); row++) {
            long line = to + (long) row * at.queryStride() * Float.BYTES;
            ElementwiseLoops.fill(0, line, at.heads().headDim());
        }
    }

    /// Scratch: scores and their gradients, transposed keys and values, numbers of each row of a
    /// block, and of backward those of each query and head, `output dOutput`.
    private record Working(
            long scores,
            long dScores,
            long turned,
            long turnedValues,
            long square,
            long lanes,
            long sums,
            long maxima,
            long deltas) {
        /// @param matrices 1 forward; 2 backward, where gradients of scores need values too
        static Working of(Heads heads, int matrices) {
            long matrix = Scratch.floats((long) AttentionPlan.BLOCK * F32.padded(heads.keys()));
            long turned = Scratch.floats(AttentionProducts.turnedSize(heads));
            long square = Scratch.floats(TransposeLoops.SQUARE);
            long lanes = Scratch.floats((long) AttentionPlan.BLOCK * F32.LANES);
            long numbers = Scratch.floats(AttentionPlan.BLOCK);
            long deltas = Scratch.floats((long) heads.queries() * heads.heads());
            long scores =
                    SCRATCH.bytes(
                            matrices * (matrix + turned) + square + lanes + 2 * numbers + deltas);
            long keys = scores + matrices * matrix;
            long rest = keys + matrices * turned;
            return new Working(
                    scores,
                    scores + matrix,
                    keys,
                    keys + turned,
                    rest,
                    rest + square,
                    rest + square + lanes,
                    rest + square + lanes + numbers,
                    rest + square + lanes + 2 * numbers);
        }
    }
}
