package dev.lethe.model.gemma2;

import java.util.List;
import java.util.OptionalDouble;

/// Sets a [Gemma2Config] value by value, each by its name; what is not set is gemma-2-2b's.
public final class Gemma2ConfigBuilder {
    private int vocabSize = 256_000;
    private int hiddenSize = 2304;
    private int intermediateSize = 9216;
    private int heads = 8;
    private int kvHeads = 4;
    private int headDim = 256;
    private double queryPreAttnScalar = 256;
    private OptionalDouble attentionSoftCap = OptionalDouble.of(50);
    private OptionalDouble finalSoftCap = OptionalDouble.of(30);
    private int slidingWindow = 4096;
    private List<AttentionKind> layerKinds = Gemma2Config.alternating(26);
    private double ropeTheta = 10_000;
    private double rmsNormEpsilon = 1e-6;
    private int maxPositions = 8192;
    private double initializerRange = 0.02;
    private int padId = 0;
    private int bosId = 2;
    private List<Integer> eosIds = List.of(1);

    Gemma2ConfigBuilder() {}

    Gemma2ConfigBuilder(Gemma2Config from) {
        vocabSize = from.vocabSize();
        hiddenSize = from.hiddenSize();
        intermediateSize = from.intermediateSize();
        heads = from.heads();
        kvHeads = from.kvHeads();
        headDim = from.headDim();
        queryPreAttnScalar = from.queryPreAttnScalar();
        attentionSoftCap = from.attentionSoftCap();
        finalSoftCap = from.finalSoftCap();
        slidingWindow = from.slidingWindow();
        layerKinds = from.layerKinds();
        ropeTheta = from.ropeTheta();
        rmsNormEpsilon = from.rmsNormEpsilon();
        maxPositions = from.maxPositions();
        initializerRange = from.initializerRange();
        padId = from.padId();
        bosId = from.bosId();
        eosIds = from.eosIds();
    }

    /// V, rows of the embedding.
    public Gemma2ConfigBuilder vocabSize(int value) {
        vocabSize = value;
        return this;
    }

    /// C, width of the residual stream.
    public Gemma2ConfigBuilder hiddenSize(int value) {
        hiddenSize = value;
        return this;
    }

    /// Width of the MLP.
    public Gemma2ConfigBuilder intermediateSize(int value) {
        intermediateSize = value;
        return this;
    }

    /// H, query heads.
    public Gemma2ConfigBuilder heads(int value) {
        heads = value;
        return this;
    }

    /// Key and value heads.
    public Gemma2ConfigBuilder kvHeads(int value) {
        kvHeads = value;
        return this;
    }

    /// D, width of one head.
    public Gemma2ConfigBuilder headDim(int value) {
        headDim = value;
        return this;
    }

    /// Scores are scaled by its `-1/2` power.
    public Gemma2ConfigBuilder queryPreAttnScalar(double value) {
        queryPreAttnScalar = value;
        return this;
    }

    /// Soft-cap c of the attention scores, `c tanh(x / c)`.
    public Gemma2ConfigBuilder attentionSoftCap(double cap) {
        return attentionSoftCap(OptionalDouble.of(cap));
    }

    /// Soft-cap of the attention scores; empty is off.
    public Gemma2ConfigBuilder attentionSoftCap(OptionalDouble cap) {
        attentionSoftCap = cap;
        return this;
    }

    /// Soft-cap c of the logits, `c tanh(x / c)`.
    public Gemma2ConfigBuilder finalSoftCap(double cap) {
        return finalSoftCap(OptionalDouble.of(cap));
    }

    /// Soft-cap of the logits; empty is off.
    public Gemma2ConfigBuilder finalSoftCap(OptionalDouble cap) {
        finalSoftCap = cap;
        return this;
    }

    /// Positions that a sliding layer sees, the query's own included.
    public Gemma2ConfigBuilder slidingWindow(int value) {
        slidingWindow = value;
        return this;
    }

    /// The number of layers, in Gemma 2's pattern: even 0-based ones slide.
    public Gemma2ConfigBuilder layers(int layers) {
        return layerKinds(Gemma2Config.alternating(layers));
    }

    /// What each layer's queries see; its length is the number of layers.
    public Gemma2ConfigBuilder layerKinds(List<AttentionKind> kinds) {
        layerKinds = List.copyOf(kinds);
        return this;
    }

    /// Base of the rotation frequencies.
    public Gemma2ConfigBuilder ropeTheta(double value) {
        ropeTheta = value;
        return this;
    }

    /// Added to the mean square inside the root.
    public Gemma2ConfigBuilder rmsNormEpsilon(double value) {
        rmsNormEpsilon = value;
        return this;
    }

    /// Longest sequence that the model is meant for.
    public Gemma2ConfigBuilder maxPositions(int value) {
        maxPositions = value;
        return this;
    }

    /// Standard deviation of the initial matrices.
    public Gemma2ConfigBuilder initializerRange(double value) {
        initializerRange = value;
        return this;
    }

    /// Id of padding.
    public Gemma2ConfigBuilder padId(int value) {
        padId = value;
        return this;
    }

    /// Id that begins a text.
    public Gemma2ConfigBuilder bosId(int value) {
        bosId = value;
        return this;
    }

    /// Id that alone ends a text.
    public Gemma2ConfigBuilder eosId(int value) {
        return eosIds(List.of(value));
    }

    /// Ids each of which ends a text.
    public Gemma2ConfigBuilder eosIds(List<Integer> values) {
        eosIds = List.copyOf(values);
        return this;
    }

    /// @throws ConfigException for a model that cannot be, in one line
    public Gemma2Config build() {
        return new Gemma2Config(
                vocabSize,
                hiddenSize,
                intermediateSize,
                heads,
                kvHeads,
                headDim,
                queryPreAttnScalar,
                attentionSoftCap,
                finalSoftCap,
                slidingWindow,
                layerKinds,
                ropeTheta,
                rmsNormEpsilon,
                maxPositions,
                initializerRange,
                padId,
                bosId,
                eosIds);
    }
}
