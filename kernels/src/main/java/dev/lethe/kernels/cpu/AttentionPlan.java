package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.kernels.cpu.AttentionBlock.Slopes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What attention of one shape needs besides its data. It is made once a shape and not once a
/// call: its blocks alone would be most of the garbage of a training step.
///
/// @param blocks of queries, in order
record AttentionPlan(
        AttentionLayout at, AttentionProducts products, Slopes slopes, AttentionBlock[] blocks) {
    /// Queries of a block. As short as the products stay fast: the shorter, the less of the masked
    /// half is computed.
    static final int BLOCK = 16;

    private static AttentionPlan of(Gemm gemm, Heads heads) {
        AttentionLayout at = new AttentionLayout(heads);
        AttentionBlock[] blocks = new AttentionBlock[(heads.queries() + BLOCK - 1) / BLOCK];
        for (int i = 0; i < blocks.length; i++) {
            int from = i * BLOCK;
            int rows = Math.min(BLOCK, heads.queries() - from);
            blocks[i] = AttentionBlock.of(heads, from, rows);
        }
        return new AttentionPlan(at, new AttentionProducts(gemm, at), Slopes.of(heads), blocks);
    }

    /// The plans in use. Training has few shapes; generation has one a token and uses none again.
    static final class Cache {
        private static final int MOST = 64;

        private final Gemm gemm;
        private final Map<Heads, AttentionPlan> plans = new ConcurrentHashMap<>();

        Cache(Gemm gemm) {
            this.gemm = gemm;
        }

        AttentionPlan of(Heads heads) {
            AttentionPlan plan = plans.get(heads);
            if (plan == null) {
                if (plans.size() >= MOST) {
                    plans.clear();
                }
                plan = AttentionPlan.of(gemm, heads);
                plans.put(heads, plan);
            }
            return plan;
        }
    }
}
