package dev.lethe.model.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A configuration that exists is possible; presets are what their sources say.
class Gemma2ConfigTest {
    private static Arguments nonsense(UnaryOperator<Gemma2ConfigBuilder> change, String... words) {
        return arguments(words[0] + ", " + words[words.length - 1], change, List.of(words));
    }

    static Stream<Arguments> nonsense() {
        double nan = Double.NaN;
        double infinity = Double.POSITIVE_INFINITY;
        return Stream.of(
                nonsense(b -> b.vocabSize(0), "vocab_size", "above 0", "got 0"),
                nonsense(b -> b.hiddenSize(-64), "hidden_size", "above 0", "got -64"),
                nonsense(b -> b.intermediateSize(0), "intermediate_size", "above 0", "got 0"),
                nonsense(b -> b.heads(0), "num_attention_heads", "above 0", "got 0"),
                nonsense(b -> b.kvHeads(0), "num_key_value_heads", "above 0", "got 0"),
                nonsense(b -> b.headDim(0), "head_dim", "above 0", "got 0"),
                nonsense(b -> b.slidingWindow(0), "sliding_window", "above 0", "got 0"),
                nonsense(b -> b.maxPositions(0), "max_position_embeddings", "above 0", "got 0"),
                nonsense(b -> b.layers(0), "num_hidden_layers", "above 0", "got 0"),
                nonsense(b -> b.layers(-1), "num_hidden_layers", "above 0", "got -1"),
                nonsense(b -> b.layers(1 << 30), "num_hidden_layers", "at most", "got 1073741824"),
                nonsense(b -> b.layerKinds(List.of()), "num_hidden_layers", "above 0", "got 0"),
                nonsense(
                        b -> b.kvHeads(3),
                        "num_attention_heads",
                        "a multiple of num_key_value_heads 3",
                        "got 4"),
                nonsense(
                        b -> b.kvHeads(8),
                        "num_attention_heads",
                        "a multiple of num_key_value_heads 8",
                        "got 4"),
                nonsense(
                        b -> b.hiddenSize(66),
                        "hidden_size",
                        "a multiple of num_attention_heads 4",
                        "got 66"),
                nonsense(b -> b.headDim(15), "head_dim", "an even number", "RoPE", "got 15"),
                nonsense(
                        b -> b.headDim(1 << 30),
                        "num_attention_heads x head_dim",
                        "at most 2147483647",
                        "got 4294967296"),
                nonsense(b -> b.queryPreAttnScalar(0), "query_pre_attn_scalar", "got 0"),
                nonsense(b -> b.queryPreAttnScalar(nan), "query_pre_attn_scalar", "got NaN"),
                nonsense(b -> b.attentionSoftCap(0), "attn_logit_softcapping", "above 0", "got 0"),
                nonsense(b -> b.attentionSoftCap(infinity), "attn_logit_softcapping", "Infinity"),
                nonsense(b -> b.finalSoftCap(-30.5), "final_logit_softcapping", "got -30.5"),
                nonsense(b -> b.finalSoftCap(nan), "final_logit_softcapping", "got NaN"),
                nonsense(b -> b.ropeTheta(0), "rope_theta", "above 0", "got 0"),
                nonsense(b -> b.ropeTheta(infinity), "rope_theta", "finite", "got Infinity"),
                nonsense(b -> b.rmsNormEpsilon(0), "rms_norm_eps", "above 0", "got 0"),
                nonsense(b -> b.rmsNormEpsilon(-1e-6), "rms_norm_eps", "got -1.0E-6"),
                nonsense(b -> b.initializerRange(-0.02), "initializer_range", "got -0.02"),
                nonsense(b -> b.initializerRange(nan), "initializer_range", "finite", "got NaN"),
                nonsense(b -> b.padId(-1), "pad_token_id", "from 0 to 259", "got -1"),
                nonsense(b -> b.bosId(260), "bos_token_id", "(vocab_size 260)", "got 260"),
                nonsense(b -> b.eosId(1000), "eos_token_id", "from 0 to 259", "got 1000"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void refuses(String name, UnaryOperator<Gemma2ConfigBuilder> change, List<String> words) {
        Gemma2ConfigBuilder builder = Gemma2Presets.ARITHMETIC_MINIATURE.toBuilder();
        String message =
                assertThrows(ConfigException.class, () -> change.apply(builder).build(), name)
                        .getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(
                message.startsWith("Gemma 2 configuration: " + words.getFirst() + ": "), message);
        assertTrue(message.endsWith("; change it in the configuration"), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "`%s` lacks `%s`".formatted(message, word));
        }
    }

    @Test
    void startsFromGemma2Of2B() {
        Gemma2Config config = Gemma2Config.builder().build();
        // The published size of gemma-2-2b.
        assertEquals(2_614_341_888L, config.parameterCount());
        assertEquals(26, config.layers());
        assertEquals(2048, config.queryWidth());
        assertEquals(1024, config.keyValueWidth());
        assertEquals(AttentionKind.SLIDING, config.layerKinds().getFirst());
        assertEquals(AttentionKind.FULL, config.layerKinds().getLast());
    }

    @Test
    void everyValueHasItsOwnPlace() {
        Gemma2Config config =
                Gemma2Config.builder()
                        .vocabSize(101)
                        .hiddenSize(36)
                        .intermediateSize(50)
                        .heads(12)
                        .kvHeads(6)
                        .headDim(14)
                        .queryPreAttnScalar(15)
                        .attentionSoftCap(16)
                        .finalSoftCap(OptionalDouble.empty())
                        .slidingWindow(17)
                        .layerKinds(List.of(AttentionKind.FULL, AttentionKind.SLIDING))
                        .ropeTheta(18)
                        .rmsNormEpsilon(19)
                        .maxPositions(20)
                        .initializerRange(21)
                        .padId(22)
                        .bosId(23)
                        .eosId(24)
                        .build();
        String text =
                "Gemma2Config[vocabSize=101, hiddenSize=36, intermediateSize=50, heads=12,"
                    + " kvHeads=6, headDim=14, queryPreAttnScalar=15.0,"
                    + " attentionSoftCap=OptionalDouble[16.0], finalSoftCap=OptionalDouble.empty,"
                    + " slidingWindow=17, layerKinds=[FULL, SLIDING], ropeTheta=18.0,"
                    + " rmsNormEpsilon=19.0, maxPositions=20, initializerRange=21.0, padId=22,"
                    + " bosId=23, eosIds=[24]]";
        assertEquals(text, config.toString());
        assertEquals(config, config.toBuilder().build());
    }

    @Test
    void presetsHaveTheSizesOfTheirSources() {
        assertEquals(246_848 + 16_640, Gemma2Presets.ARITHMETIC_MINIATURE.parameterCount());
        assertEquals(List.of(112.9, 81.9), millions(Gemma2Presets.PAPER_100M));
        assertEquals(List.of(328.8, 196.6), millions(Gemma2Presets.PAPER_300M));
        assertEquals(Gemma2Presets.ARITHMETIC_MINIATURE, Gemma2Presets.BENCHMARK_XS);
        // Matrices by the peer's own formula L (C D (2H + 2 KV) + 3 C MLP) + C V, then the norms.
        assertEquals(1_015_808 + 2_176, Gemma2Presets.BENCHMARK_S.parameterCount());
        assertEquals(10_977_280 + 8_000, Gemma2Presets.BENCHMARK_M.parameterCount());
    }

    /// All parameters and those of the embedding, in millions with one decimal, as the sources
    /// print them.
    private static List<Double> millions(Gemma2Config config) {
        long embedding = config.parameterShapes().getFirst().elements();
        return Stream.of(config.parameterCount(), embedding)
                .map(count -> Math.round(count / 1e5) / 10.0)
                .toList();
    }

    @Test
    void listsParametersInTheOrderOfTheForwardPass() {
        Gemma2Config config =
                Gemma2Presets.ARITHMETIC_MINIATURE.toBuilder().layers(1).headDim(10).build();
        String layer = "model.layers.0.";
        assertEquals(
                List.of(
                        new ParameterShape("model.embed_tokens.weight", List.of(260, 64)),
                        new ParameterShape(layer + "input_layernorm.weight", List.of(64)),
                        new ParameterShape(layer + "self_attn.q_proj.weight", List.of(40, 64)),
                        new ParameterShape(layer + "self_attn.k_proj.weight", List.of(20, 64)),
                        new ParameterShape(layer + "self_attn.v_proj.weight", List.of(20, 64)),
                        new ParameterShape(layer + "self_attn.o_proj.weight", List.of(64, 40)),
                        new ParameterShape(layer + "post_attention_layernorm.weight", List.of(64)),
                        new ParameterShape(layer + "pre_feedforward_layernorm.weight", List.of(64)),
                        new ParameterShape(layer + "mlp.gate_proj.weight", List.of(256, 64)),
                        new ParameterShape(layer + "mlp.up_proj.weight", List.of(256, 64)),
                        new ParameterShape(layer + "mlp.down_proj.weight", List.of(64, 256)),
                        new ParameterShape(
                                layer + "post_feedforward_layernorm.weight", List.of(64)),
                        new ParameterShape("model.norm.weight", List.of(64))),
                config.parameterShapes());
        assertEquals(List.of(260L, 64L), config.parameterShapes().getFirst().storedShape());
    }
}
