package dev.lethe.model.gradients;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/// The parts that a batch is cut into, each a graph of its own: by shape alone, computed by workers
/// in waves, handed over in their order. So bits do not depend on the number of workers, and memory
/// grows with a part and the number of workers, not with the batch.
final class OrderedParts {
    private static final int TOKENS = 256;
    private static final int LOGITS = 1 << 18;

    /// What a part left outside its arena, where that is memory to be given back.
    interface Part extends AutoCloseable {
        @Override
        void close();
    }

    private OrderedParts() {}

    /// Rows of a part: so many that matrix products are worth their calls, so few that logits are
    /// no burden; at least one.
    static int rows(Gemma2Config config, int tokens) {
        int most = Math.min(TOKENS, LOGITS / config.vocabSize());
        return Math.max(1, most / Math.max(1, tokens));
    }

    static int count(Gemma2Config config, Batch batch) {
        int rows = rows(config, batch.tokens());
        return (batch.rows() + rows - 1) / rows;
    }

    /// Parts of a step's batch; each has a row of every role. One where the objective must see all.
    static int count(Gemma2Config config, Objective objective, StepBatch batch) {
        if (!objective.separable()) {
            return 1;
        }
        int most =
                batch.roles().stream()
                        .mapToInt(role -> count(config, batch.get(role)))
                        .max()
                        .orElse(0);
        return Math.min(most, batch.rows());
    }

    /// @param compute runs on a worker, opens its own arena
    /// @param take runs on the calling thread, part by part; a [Part] is closed thereafter
    static <P> void forEach(
            int count, Workers workers, IntFunction<P> compute, Consumer<P> take) {
        for (int from = 0; from < count; from += workers.threads()) {
            int first = from;
            int wave = Math.min(workers.threads(), count - from);
            List<P> parts = new ArrayList<>();
            for (int i = 0; i < wave; i++) {
                parts.add(null);
            }
            try {
                workers.forEach(wave, i -> parts.set(i, compute.apply(first + i)));
                parts.forEach(take);
            } finally {
                for (P left : parts) {
                    if (left instanceof Part part) {
                        part.close();
                    }
                }
            }
        }
    }
}
