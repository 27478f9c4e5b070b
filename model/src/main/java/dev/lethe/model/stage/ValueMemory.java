package dev.lethe.model.stage;

import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Precision;

/// Bytes of the values of one micro-batch, counted from the operations of [dev.lethe.model.gemma2]
/// with fused kernels: what a forward pass makes is held until the backward pass has used it, and what
/// that makes comes to lie where earlier values were, but for the first of each size.
///
/// Dimensions: H hidden, N query heads, K key heads, D head width, I MLP width, V vocabulary.
///
/// @param config of the model
/// @param precision of weights and values
public record ValueMemory(Gemma2Config config, Precision precision) {
    /// What a block keeps for a position, in units of H: four norms, attention and MLP before and
    /// after theirs, both sums.
    private static final int HIDDEN = 8;

    /// In units of N D: queries before and after rotation, attention.
    private static final int QUERIES = 3;

    /// In units of K D: keys before and after rotation, values.
    private static final int KEYS = 3;

    /// In units of I: gate, up, their product.
    private static final int MLP = 3;

    /// What a backward pass needs besides, before it finds memory that it gave back itself.
    private static final int HIDDEN_GRADIENTS = 1;

    private static final int QUERY_GRADIENTS = 2;
    private static final int KEY_GRADIENTS = 2;
    private static final int MLP_GRADIENTS = 3;

    private static final int NORMS = 4;
    private static final int INDICES = 2; // ids and targets or a mask

    private long element() {
        return precision.weights().bytes();
    }

    private long sum() {
        return precision.weights().accumulator().bytes();
    }

    private long queries() {
        return (long) config.heads() * config.headDim();
    }

    private long keys() {
        return (long) config.kvHeads() * config.headDim();
    }

    /// A forward pass from the embeddings through the first `layers` layers, and through the final
    /// norm where these are all, whether or not it is differentiated.
    public long forward(long positions, int layers) {
        long width = config.hiddenSize();
        long block =
                element()
                                * (HIDDEN * width
                                        + QUERIES * queries()
                                        + KEYS * keys()
                                        + MLP * (long) config.intermediateSize())
                        + sum() * (NORMS + config.heads());
        long embeddings = 2 * width * element() + INDICES * Integer.BYTES;
        long norm = layers == config.layers() ? width * element() + sum() : 0;
        return positions * (embeddings + layers * block + norm);
    }

    /// What a loss head leaves for the backward pass: the gradients of hidden states and of the whole
    /// embedding.
    ///
    /// @param scaled whether the term's weight is another than 1, which takes copies
    public long head(long positions, boolean scaled) {
        long gradients =
                element() * config.hiddenSize() * (positions + (long) config.vocabSize());
        return scaled ? 2 * gradients : gradients;
    }

    /// What a backward pass adds to its forward pass.
    ///
    /// @param parameters trained
    public long backward(long positions, long parameters) {
        long values =
                element()
                        * (HIDDEN_GRADIENTS * (long) config.hiddenSize()
                                + QUERY_GRADIENTS * queries()
                                + KEY_GRADIENTS * keys()
                                + MLP_GRADIENTS * (long) config.intermediateSize());
        // Where sums are kept in a wider type, a micro-batch's gradients are held beside them.
        long narrow = precision.masters() == precision.weights() ? 0 : element() * parameters;
        return positions * values + narrow;
    }

    /// Parameters but for the embedding, whose gradient a head has made already.
    public long parametersWithoutEmbedding() {
        return config.parameterCount() - (long) config.vocabSize() * config.hiddenSize();
    }
}
