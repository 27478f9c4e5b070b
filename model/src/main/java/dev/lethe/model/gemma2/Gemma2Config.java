package dev.lethe.model.gemma2;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// What a Gemma 2 model is (Gemma 2, arXiv 2408.00118; names follow Hugging Face's `Gemma2Config`).
///
/// Every instance is possible: the constructor refuses nonsense. Build one by name with
/// [#builder()]
/// or vary one with [#toBuilder()]; the constructor's long row of numbers is for the builder alone.
///
/// The head is always tied to the embedding, projections have no bias, the MLP is
/// `gelu_tanh`-gated.
///
/// @param vocabSize V, rows of the embedding
/// @param hiddenSize C, width of the residual stream; a multiple of `heads` (as Hugging Face asks)
/// @param intermediateSize width of the MLP
/// @param heads H, query heads; a multiple of `kvHeads`
/// @param kvHeads key and value heads; consecutive query heads share one (GQA)
/// @param headDim D, width of one head; even, since RoPE rotates its halves
/// @param queryPreAttnScalar scores are scaled by its `-1/2` power
/// @param attentionSoftCap c in `c tanh(score / c)`, before the mask; empty is off
/// @param finalSoftCap the same for the logits; empty is off
/// @param slidingWindow positions seen by a sliding layer, the query's own included
/// @param layerKinds one a layer
/// @param ropeTheta base of the rotation frequencies
/// @param rmsNormEpsilon added to the mean square inside the root
/// @param maxPositions longest sequence that the model is meant for
/// @param initializerRange standard deviation of the initial matrices
/// @param padId id of padding
/// @param bosId id that begins a text
/// @param eosIds ids each of which ends a text; none where nothing does
public record Gemma2Config(
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int heads,
        int kvHeads,
        int headDim,
        double queryPreAttnScalar,
        OptionalDouble attentionSoftCap,
        OptionalDouble finalSoftCap,
        int slidingWindow,
        List<AttentionKind> layerKinds,
        double ropeTheta,
        double rmsNormEpsilon,
        int maxPositions,
        double initializerRange,
        int padId,
        int bosId,
        List<Integer> eosIds) {

    private static final int MOST_LAYERS = 10_000;

    /// @throws ConfigException for a model that cannot be, in one line
    public Gemma2Config {
        positive("vocab_size", vocabSize);
        positive("hidden_size", hiddenSize);
        positive("intermediate_size", intermediateSize);
        positive("num_attention_heads", heads);
        positive("num_key_value_heads", kvHeads);
        positive("head_dim", headDim);
        positive("sliding_window", slidingWindow);
        positive("max_position_embeddings", maxPositions);
        layerKinds = List.copyOf(layerKinds);
        positive("num_hidden_layers", layerKinds.size());
        multiple("num_attention_heads", heads, "num_key_value_heads", kvHeads);
        multiple("hidden_size", hiddenSize, "num_attention_heads", heads);
        check(
                headDim % 2 == 0,
                "head_dim",
                "an even number (RoPE rotates its two halves)",
                headDim);
        check(
                (long) heads * headDim <= Integer.MAX_VALUE,
                "num_attention_heads x head_dim",
                "at most " + Integer.MAX_VALUE,
                (long) heads * headDim);
        positive("query_pre_attn_scalar", queryPreAttnScalar);
        attentionSoftCap.ifPresent(cap -> positive("attn_logit_softcapping", cap));
        finalSoftCap.ifPresent(cap -> positive("final_logit_softcapping", cap));
        positive("rope_theta", ropeTheta);
        positive("rms_norm_eps", rmsNormEpsilon);
        check(
                Double.isFinite(initializerRange) && initializerRange >= 0,
                "initializer_range",
                "a finite number, 0 or more",
                initializerRange);
        token("pad_token_id", padId, vocabSize);
        token("bos_token_id", bosId, vocabSize);
        eosIds = List.copyOf(eosIds);
        for (int eosId : eosIds) {
            token("eos_token_id", eosId, vocabSize);
        }
    }

    /// A builder that starts from Hugging Face's defaults, which are gemma-2-2b.
    public static Gemma2ConfigBuilder builder() {
        return new Gemma2ConfigBuilder();
    }

    /// A builder that starts from this configuration.
    public Gemma2ConfigBuilder toBuilder() {
        return new Gemma2ConfigBuilder(this);
    }

    /// Gemma 2's pattern: even 0-based layers slide, odd ones see everything.
    ///
    /// @throws ConfigException for no layers, or for so many that no machine holds them
    public static List<AttentionKind> alternating(int layers) {
        positive("num_hidden_layers", layers);
        check(layers <= MOST_LAYERS, "num_hidden_layers", "at most " + MOST_LAYERS, layers);
        return IntStream.range(0, layers)
                .mapToObj(layer -> layer % 2 == 0 ? AttentionKind.SLIDING : AttentionKind.FULL)
                .toList();
    }

    /// The number of decoder layers.
    public int layers() {
        return layerKinds.size();
    }

    /// Width of all query heads together, `H D`.
    public int queryWidth() {
        return heads * headDim;
    }

    /// Width of all key (or value) heads together.
    public int keyValueWidth() {
        return kvHeads * headDim;
    }

    /// Every parameter under its Hugging Face name, in the order of the forward pass; the tied head
    /// once.
    public List<ParameterShape> parameterShapes() {
        return ParameterShapes.of(this);
    }

    /// The number of trainable numbers, the tied embedding counted once.
    public long parameterCount() {
        return parameterShapes().stream().mapToLong(ParameterShape::elements).sum();
    }

    private static void positive(String name, double value) {
        check(
                Double.isFinite(value) && value > 0,
                name,
                "a finite number above 0",
                value == Math.rint(value) && Math.abs(value) < 1e9 ? (Object) (long) value : value);
    }

    private static void multiple(String name, int value, String divisorName, int divisor) {
        check(
                value % divisor == 0,
                name,
                "a multiple of %s %d".formatted(divisorName, divisor),
                value);
    }

    private static void token(String name, int id, int vocabSize) {
        check(
                id >= 0 && id < vocabSize,
                name,
                "an id from 0 to %d (vocab_size %d)".formatted(vocabSize - 1, vocabSize),
                id);
    }

    private static void check(boolean holds, String name, String expected, Object got) {
        if (!holds) {
            throw new ConfigException(
                    "Gemma 2 configuration: %s: expected %s, got %s; change it in the configuration"
                            .formatted(name, expected, got));
        }
    }
}
