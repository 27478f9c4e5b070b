package dev.lethe.bench.model;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.gemma2.Initialization;
import java.util.Arrays;
import java.util.SplittableRandom;

/// A model and a step's batch that peers run too.
public enum Configuration {
    /// The arithmetic miniature's model: 256 rows of 12 tokens.
    XS(Gemma2Presets.BENCHMARK_XS, 256, 12, 4),
    /// 64 rows of 64 tokens.
    S(Gemma2Presets.BENCHMARK_S, 64, 64, 8),
    /// 8 rows of 256 tokens.
    M(Gemma2Presets.BENCHMARK_M, 8, 256, 4);

    private final Gemma2Config config;
    private final int rows;
    private final int tokens;
    private final int microBatches;

    Configuration(Gemma2Config config, int rows, int tokens, int microBatches) {
        this.config = config;
        this.rows = rows;
        this.tokens = tokens;
        this.microBatches = microBatches;
    }

    public Gemma2Config config() {
        return config;
    }

    /// Rows of a step's batch.
    public int rows() {
        return rows;
    }

    /// Tokens a row.
    public int tokens() {
        return tokens;
    }

    /// Parts that a step is cut into.
    public int microBatches() {
        return microBatches;
    }

    /// A model with the same random weights every time.
    public static Gemma2 model(Gemma2Config config, Backend backend, DType dtype) {
        return model(config, backend, dtype, 1);
    }

    static Gemma2 model(Gemma2Config config, Backend backend, DType dtype, long seed) {
        Gemma2 model = Gemma2.allocate(config, backend, dtype);
        Initialization.randomize(model, seed);
        return model;
    }

    /// The peers' task: random tokens, whose targets are `(7 token + 3) mod V`.
    public static Batch batch(Gemma2Config config, int rows, int tokens) {
        int vocabulary = config.vocabSize();
        int[] ids =
                new SplittableRandom(1).ints((long) rows * tokens, 0, vocabulary).toArray();
        int[] targets = Arrays.stream(ids).map(id -> (id * 7 + 3) % vocabulary).toArray();
        int[] lengths = new int[rows];
        Arrays.fill(lengths, tokens);
        return new Batch(rows, tokens, ids, targets, lengths);
    }
}
