package dev.lethe.model.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.WeightFiles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/// `config.json` in both spellings, what is refused in it, and its return.
class Gemma2ConfigJsonTest {
    @TempDir private Path directory;

    private Path file(String json) throws IOException {
        return Files.writeString(directory.resolve("config.json"), json);
    }

    /// A gemma2 configuration of gemma-2-2b's defaults with these further keys, single-quoted.
    private Gemma2Config read(String keys) throws IOException {
        String json = "{'model_type':'gemma2'" + (keys.isEmpty() ? "" : "," + keys) + "}";
        return Gemma2ConfigJson.read(file(json.replace('\'', '"')));
    }

    private static Path golden(String name) throws URISyntaxException {
        return Path.of(Gemma2ConfigJsonTest.class.getResource("/golden/" + name).toURI());
    }

    @Test
    void readsTheGoldenConfigurations() throws URISyntaxException {
        Gemma2Config tiny =
                Gemma2Config.builder()
                        .vocabSize(97)
                        .hiddenSize(32)
                        .intermediateSize(64)
                        .layers(2)
                        .heads(4)
                        .kvHeads(2)
                        .headDim(16)
                        .queryPreAttnScalar(16)
                        .slidingWindow(8)
                        .maxPositions(128)
                        .build();
        Gemma2Config wide =
                tiny.toBuilder()
                        .vocabSize(260)
                        .hiddenSize(48)
                        .intermediateSize(80)
                        .layers(3)
                        .heads(6)
                        .kvHeads(1)
                        .headDim(8)
                        .queryPreAttnScalar(24)
                        .attentionSoftCap(5)
                        .finalSoftCap(3)
                        .slidingWindow(7)
                        .ropeTheta(1000)
                        .rmsNormEpsilon(1e-5)
                        .build();
        assertEquals(tiny, Gemma2ConfigJson.read(golden("A_tiny/config.json")));
        assertEquals(wide, Gemma2ConfigJson.read(golden("B_wide/config.json").getParent()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"A_tiny", "B_wide"})
    void parameterShapesAreThoseOfTheGoldenWeights(String name) throws URISyntaxException {
        Path golden = golden(name + "/config.json").getParent();
        List<ParameterShape> shapes = Gemma2ConfigJson.read(golden).parameterShapes();
        try (WeightFiles weights = WeightFiles.open(golden)) {
            Set<String> names =
                    shapes.stream().map(ParameterShape::name).collect(Collectors.toSet());
            assertEquals(Set.copyOf(weights.names()), names);
            for (ParameterShape shape : shapes) {
                assertEquals(
                        shape.storedShape(), weights.entry(shape.name()).shape(), shape.name());
            }
        }
    }

    @Test
    void missingKeysTakeTheLibrarysDefaults() throws IOException {
        assertEquals(Gemma2Config.builder().build(), read(""));
    }

    @Test
    void readsTheNewerSpelling() throws IOException {
        Gemma2Config config =
                read(
                        """
                        'num_hidden_layers':3,'dtype':'bfloat16','sliding_window':7,
                        'layer_types':['full_attention','sliding_attention','sliding_attention'],
                        'rope_parameters':{'rope_theta':1000,'rope_type':'default'}
                        """);
        Gemma2Config expected =
                Gemma2Config.builder()
                        .layerKinds(
                                List.of(
                                        AttentionKind.FULL,
                                        AttentionKind.SLIDING,
                                        AttentionKind.SLIDING))
                        .slidingWindow(7)
                        .ropeTheta(1000)
                        .build();
        assertEquals(expected, config);
    }

    @Test
    void nullAndInertKeysChangeNothing() throws IOException {
        Gemma2Config expected = Gemma2Config.builder().build();
        assertEquals(
                expected,
                read(
                        """
                        'layer_types':null,'rope_parameters':null,'rope_scaling':null,
                        'quantization_config':null,'use_bidirectional_attention':null,
                        'attention_bias':null,'attention_dropout':0,'hidden_act':'gelu',
                        'hidden_activation':'gelu_pytorch_tanh','use_cache':false,
                        'torch_dtype':'float16','transformers_version':'5.0','novel':[1]
                        """));
        assertEquals(expected, read("'rope_theta':1e4,'rope_parameters':{'rope_theta':10000}"));
        assertEquals(expected, read("'rope_scaling':{'rope_type':'default'}"));
    }

    @Test
    void nullSoftCapsAreOff() throws IOException {
        Gemma2Config config = read("'attn_logit_softcapping':null,'final_logit_softcapping':null");
        assertEquals(OptionalDouble.empty(), config.attentionSoftCap());
        assertEquals(OptionalDouble.empty(), config.finalSoftCap());
    }

    /// gemma-2-2b-it ends at `<eos>` and at `<end_of_turn>`.
    @Test
    void anyNumberOfIdsEndsATextAndNoneNeedsToPad() throws IOException {
        assertEquals(List.of(1, 107), read("'eos_token_id':[1,107]").eosIds());
        assertEquals(List.of(1), read("'eos_token_id':[1]").eosIds());
        assertEquals(List.of(), read("'eos_token_id':null").eosIds());
        assertEquals(Gemma2Config.builder().build(), read("'pad_token_id':null"));
    }

    @Test
    void noWindowNeedsNoSlidingLayer() throws IOException {
        String full = "'num_hidden_layers':1,'layer_types':['full_attention'],";
        assertEquals(
                List.of(AttentionKind.FULL), read(full + "'sliding_window':null").layerKinds());
        assertRefused("'sliding_window':null", "sliding_window", "an integer", "got null");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'attention_bias':true | attention_bias: expected false, got true",
                "'attention_dropout':0.1 | attention_dropout: expected 0, got 0.1",
                "'tie_word_embeddings':false | tie_word_embeddings: expected true, got false",
                "'hidden_activation':'gelu' | hidden_activation: expected \"gelu_pytorch_tanh\","
                        + " got \"gelu\"",
                "'hidden_act':'silu' | hidden_act: expected \"gelu_pytorch_tanh\", got \"silu\"",
                "'use_bidirectional_attention':true | use_bidirectional_attention: expected false",
                "'is_encoder_decoder':true | is_encoder_decoder: expected false, got true",
                "'add_cross_attention':true | add_cross_attention: expected false, got true",
                "'quantization_config':{'bits':4} | quantization_config: expected none, got"
                        + " {\"bits\":4}",
                "'partial_rotary_factor':0.5 | partial_rotary_factor: expected 1, got 0.5",
                "'rope_scaling':{'type':'linear','factor':2} | rope_scaling.type: expected"
                        + " \"default\"",
                "'rope_scaling':{'rope_type':'yarn'} | rope_scaling.rope_type: expected"
                        + " \"default\", got \"yarn\"",
                "'rope_parameters':{'rope_type':'llama3'} | rope_parameters.rope_type: expected"
                        + " \"default\"",
            })
    void refusesWhatItCannotHonour(String keys, String words) throws IOException {
        assertRefused(keys, words, "cannot honour it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'rope_scaling':'linear' | rope_scaling: expected an object, got \"linear\"",
                "'rope_parameters':{'factor':2} | rope_parameters.factor: expected one of"
                        + " [rope_theta, rope_type, type]",
                "'rope_parameters':{'full_attention':{}} | rope_parameters.full_attention: expected"
                        + " one of",
                "'rope_theta':5,'rope_parameters':{'rope_theta':6} | rope_parameters.rope_theta:"
                        + " expected rope_theta 5.0",
                "'vocab_size':'many' | vocab_size: expected an integer of 32 bits, got \"many\"",
                "'vocab_size':2.5 | vocab_size: expected an integer of 32 bits, got 2.5",
                "'vocab_size':4294967297 | vocab_size: expected an integer of 32 bits, got"
                        + " 4294967297",
                "'head_dim':null | head_dim: expected an integer of 32 bits, got null",
                "'eos_token_id':[1,'x'] | eos_token_id: expected integers of 32 bits, got"
                        + " [1,\"x\"]",
                "'eos_token_id':'x' | eos_token_id: expected an integer of 32 bits, got \"x\"",
                "'eos_token_id':[1,-1] | eos_token_id: expected",
                "'rms_norm_eps':'1e-6' | rms_norm_eps: expected a number, got \"1e-6\"",
                "'final_logit_softcapping':true | final_logit_softcapping: expected a number, got"
                        + " true",
                "'layer_types':['full_attention'] | layer_types: expected an array of"
                        + " num_hidden_layers 26",
                "'layer_types':'alternating' | layer_types: expected an array",
                "'num_hidden_layers':1,'layer_types':['chunked_attention'] | expected"
                        + " sliding_attention or full_attention, got \"chunked_attention\"",
                "'num_hidden_layers':1,'layer_types':[7] | expected sliding_attention or"
                        + " full_attention, got 7",
                "'num_hidden_layers':2000000000 | num_hidden_layers: expected at most 10000",
                "'num_attention_heads':6 | num_attention_heads: expected a multiple of"
                        + " num_key_value_heads 4, got 6",
                "'head_dim':255 | head_dim: expected an even number",
                "'sliding_window':0 | sliding_window: expected a finite number above 0, got 0",
                "'final_logit_softcapping':0.0 | final_logit_softcapping: expected a finite number"
                        + " above 0",
                "'rms_norm_eps':1e400 | rms_norm_eps: expected a finite number above 0, got"
                        + " Infinity",
                "'rope_parameters':{'a\\nb':1} | rope_parameters.a?b: expected one of",
            })
    void refusesWrongValues(String keys, String words) throws IOException {
        assertRefused(keys, words, "configuration");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"model_type\":\"gemma\"}", "{\"model_type\":7}"})
    void refusesOtherModels(String json) throws IOException {
        Path file = file(json);
        String message =
                assertThrows(ConfigException.class, () -> Gemma2ConfigJson.read(file)).getMessage();
        assertTrue(message.startsWith(file + ": model_type: expected \"gemma2\", got "), message);
    }

    private void assertRefused(String keys, String... words) {
        String message = assertThrows(ConfigException.class, () -> read(keys)).getMessage();
        assertTrue(message.startsWith(directory.resolve("config.json") + ": "), message);
        assertEquals(1, message.lines().count(), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "`%s` lacks `%s`".formatted(message, word));
        }
    }

    @Test
    void refusesFilesThatHoldNoObject() throws IOException {
        assertNoObject(directory.resolve("none.json"), "cannot read", "NoSuchFileException");
        assertNoObject(directory, "cannot read", "NoSuchFileException");
        for (String json : List.of("", "[]", "7"))
            assertNoObject(file(json), "expected a JSON object");
        String twice = "{\"vocab_size\":1,\"vocab_size\":2}";
        for (String json : List.of("{", "{} {}", twice)) {
            assertNoObject(file(json), "expected valid JSON");
        }
    }

    private static void assertNoObject(Path file, String... words) {
        String message =
                assertThrows(CheckpointException.class, () -> Gemma2ConfigJson.read(file))
                        .getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        assertEquals(1, message.lines().count(), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "`%s` lacks `%s`".formatted(message, word));
        }
    }

    static List<Gemma2Config> configurations() {
        return List.of(
                Gemma2Config.builder().build(),
                Gemma2Presets.ARITHMETIC_MINIATURE,
                Gemma2Presets.PAPER_100M,
                Gemma2Presets.PAPER_300M,
                Gemma2Presets.BENCHMARK_S,
                Gemma2Presets.BENCHMARK_M,
                Gemma2Presets.ARITHMETIC_MINIATURE.toBuilder()
                        .layerKinds(List.of(AttentionKind.FULL, AttentionKind.SLIDING))
                        .attentionSoftCap(OptionalDouble.empty())
                        .finalSoftCap(OptionalDouble.empty())
                        .queryPreAttnScalar(0.1 + 0.2)
                        .ropeTheta(1.0 / 3)
                        .rmsNormEpsilon(Double.MIN_VALUE)
                        .initializerRange(0)
                        .slidingWindow(3)
                        .padId(5)
                        .bosId(6)
                        .eosId(7)
                        .build(),
                Gemma2Presets.BENCHMARK_S.toBuilder().eosIds(List.of(1, 107)).build(),
                Gemma2Presets.BENCHMARK_S.toBuilder().eosIds(List.of()).build());
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void writtenConfigurationsComeBackTheSame(Gemma2Config config) throws IOException {
        Gemma2ConfigWriter.write(directory.resolve("config.json"), config, ElementType.F32);
        assertEquals(config, Gemma2ConfigJson.read(directory));
        String text = Files.readString(directory.resolve("config.json"));
        assertEquals(Gemma2ConfigWriter.toJson(config, ElementType.F32), text);
    }

    @Test
    void writesExactlyThisText() {
        Gemma2Config config =
                Gemma2Presets.ARITHMETIC_MINIATURE.toBuilder()
                        .layers(2)
                        .finalSoftCap(OptionalDouble.empty())
                        .build();
        assertEquals(
                """
                {
                  "architectures": [
                    "Gemma2ForCausalLM"
                  ],
                  "attention_bias": false,
                  "attention_dropout": 0.0,
                  "attn_logit_softcapping": 50.0,
                  "bos_token_id": 2,
                  "eos_token_id": 1,
                  "final_logit_softcapping": null,
                  "head_dim": 16,
                  "hidden_act": "gelu_pytorch_tanh",
                  "hidden_activation": "gelu_pytorch_tanh",
                  "hidden_size": 64,
                  "initializer_range": 0.02,
                  "intermediate_size": 256,
                  "layer_types": [
                    "sliding_attention",
                    "full_attention"
                  ],
                  "max_position_embeddings": 1024,
                  "model_type": "gemma2",
                  "num_attention_heads": 4,
                  "num_hidden_layers": 2,
                  "num_key_value_heads": 2,
                  "pad_token_id": 0,
                  "query_pre_attn_scalar": 16,
                  "rms_norm_eps": 1.0E-6,
                  "rope_theta": 10000.0,
                  "sliding_window": 4096,
                  "tie_word_embeddings": true,
                  "torch_dtype": "bfloat16",
                  "use_cache": true,
                  "vocab_size": 260
                }
                """,
                Gemma2ConfigWriter.toJson(config, ElementType.BF16));
        assertThrows(
                IllegalArgumentException.class,
                () -> Gemma2ConfigWriter.toJson(config, ElementType.I64));
    }
}
