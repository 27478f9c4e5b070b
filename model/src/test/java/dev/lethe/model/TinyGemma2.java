package dev.lethe.model;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.gemma2.Precision;
import java.util.Map;

/// The smallest model that has everything: grouped queries, both kinds of layer, both soft-caps,
/// odd sizes.
public final class TinyGemma2 {
    public static final int VOCABULARY = 13;

    /// Window 3, shorter than the rows of the tests.
    public static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(VOCABULARY)
                    .hiddenSize(12)
                    .intermediateSize(9)
                    .layers(3)
                    .heads(4)
                    .kvHeads(2)
                    .headDim(6)
                    .queryPreAttnScalar(10)
                    .attentionSoftCap(5)
                    .finalSoftCap(4)
                    .slidingWindow(3)
                    .maxPositions(32)
                    .initializerRange(0.4)
                    .build();

    private TinyGemma2() {}

    /// Random weights, those of norms included.
    public static Gemma2 random(Backend backend, DType dtype, long seed) {
        return randomized(Gemma2.allocate(CONFIG, backend, dtype), seed);
    }

    /// As above; in every precision the same numbers, rounded to it.
    public static Gemma2 random(Backend backend, Precision precision, long seed) {
        return randomized(Gemma2.allocate(CONFIG, backend, precision), seed);
    }

    /// Rows of every role, of different lengths.
    public static StepBatch allRoles() {
        return StepBatch.of(
                Map.of(
                        Role.MAIN, batch(1, 6, 6, 1, 4),
                        Role.FORGET, batch(2, 5, 5, 3),
                        Role.RETAIN, batch(3, 4, 4, 2, 4)));
    }

    private static Gemma2 randomized(Gemma2 model, long seed) {
        Initialization.randomize(model, seed);
        Parameters parameters = model.masters();
        Backend backend = parameters.backend();
        Distribution normal = new Distribution.Normal(0, 0.3);
        for (int i = 0; i < parameters.specs().size(); i++) {
            Parameters.Spec spec = parameters.specs().get(i);
            if (spec.shape().rank() == 1) {
                PhiloxStream stream = new PhiloxStream(seed, Purpose.PROBE, i);
                backend.random().fill(stream, 0, normal, parameters.get(spec.name()).buffer());
            }
        }
        parameters.flat().markChanged();
        model.roundMasters();
        return model;
    }

    /// Rows of the given lengths in a batch of `tokens` columns, with ids drawn from 1 to 12;
    /// padding is 0.
    public static Batch batch(long seed, int tokens, int... lengths) {
        PhiloxStream stream = new PhiloxStream(seed, Purpose.DATA_GENERATION, 0);
        int[] ids = new int[lengths.length * tokens];
        for (int r = 0; r < lengths.length; r++) {
            for (int t = 0; t < lengths[r]; t++) {
                ids[r * tokens + t] = 1 + stream.below(r * tokens + t, VOCABULARY - 1);
            }
        }
        return Batch.shifted(lengths.length, tokens, ids, lengths);
    }
}
