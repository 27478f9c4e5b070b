package dev.lethe.model.gemma2;

import java.util.Collections;
import java.util.List;

/// Configurations with a name.
public final class Gemma2Presets {
    /// The model of the arithmetic and language miniatures: byte tokens, no sliding window; 263,488
    /// parameters.
    ///
    /// `maxPositions` stays below Gemma 2's window, so that a library that knows no
    /// `layer_types` and lets even layers slide computes the same.
    public static final Gemma2Config ARITHMETIC_MINIATURE =
            Gemma2Config.builder()
                    .vocabSize(260)
                    .hiddenSize(64)
                    .intermediateSize(256)
                    .layerKinds(full(4))
                    .heads(4)
                    .kvHeads(2)
                    .headDim(16)
                    .queryPreAttnScalar(16)
                    .maxPositions(1024)
                    .build();

    /// The paper's model for language, "0.1B": 112.9 M parameters (arXiv 2506.06278, reference
    /// code).
    ///
    /// As there, `queryPreAttnScalar` stays at gemma-2-2b's 256 though `headDim` is 128.
    public static final Gemma2Config PAPER_100M =
            Gemma2Config.builder()
                    .hiddenSize(320)
                    .intermediateSize(1280)
                    .layers(14)
                    .heads(8)
                    .kvHeads(4)
                    .headDim(128)
                    .build();

    /// The paper's model for arithmetic, "0.3B": 328.8 M parameters; otherwise as [#PAPER_100M].
    public static final Gemma2Config PAPER_300M =
            PAPER_100M.toBuilder().hiddenSize(768).intermediateSize(3072).build();

    /// Benchmark XS, the arithmetic miniature's own model: 256 rows of 12 tokens.
    public static final Gemma2Config BENCHMARK_XS = ARITHMETIC_MINIATURE;

    /// Benchmark S: 64 rows of 64 tokens.
    public static final Gemma2Config BENCHMARK_S =
            ARITHMETIC_MINIATURE.toBuilder()
                    .vocabSize(256)
                    .hiddenSize(128)
                    .intermediateSize(512)
                    .headDim(32)
                    .queryPreAttnScalar(32)
                    .build();

    /// Benchmark M: 8 rows of 256 tokens.
    public static final Gemma2Config BENCHMARK_M =
            ARITHMETIC_MINIATURE.toBuilder()
                    .vocabSize(2048)
                    .hiddenSize(320)
                    .intermediateSize(1280)
                    .layerKinds(full(6))
                    .heads(8)
                    .kvHeads(4)
                    .headDim(64)
                    .queryPreAttnScalar(64)
                    .build();

    private Gemma2Presets() {}

    private static List<AttentionKind> full(int layers) {
        return Collections.nCopies(layers, AttentionKind.FULL);
    }
}
