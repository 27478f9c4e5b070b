package dev.lethe.bench.model;

import dev.lethe.model.gemma2.Gemma2Config;

/// Operations of a model by counting what has to be executed: two a weight and token, and in
/// attention the pairs of a query and a key that it sees, four a pair and dimension forward.
/// Backward is twice forward; what is computed again to save memory is not counted.
public final class CausalFlops {
    private CausalFlops() {}

    /// One row forward through all layers and the head.
    public static double forward(Gemma2Config config, int tokens) {
        return layers(config, tokens, config.layers())
                + 2.0 * tokens * config.vocabSize() * config.hiddenSize();
    }

    /// One row forward through the first `depth` layers.
    public static double layers(Gemma2Config config, int tokens, int depth) {
        double hidden = config.hiddenSize();
        double weights =
                2 * hidden * config.queryWidth()
                        + 2 * hidden * config.keyValueWidth()
                        + 3 * hidden * config.intermediateSize();
        double pairs = tokens * (tokens + 1.0) / 2;
        return depth * (2 * weights * tokens + 4 * pairs * config.queryWidth());
    }

    /// One row forward and backward.
    public static double training(Gemma2Config config, int tokens) {
        return 3 * forward(config, tokens);
    }
}
