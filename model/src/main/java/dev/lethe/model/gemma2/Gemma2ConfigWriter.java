package dev.lethe.model.gemma2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.ElementType;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// Writes Hugging Face's `config.json` so that `transformers` 4.42 and later, 5 included, read the
/// same model.
///
/// Keys are the classic ones, which all versions read, and `layer_types`, which versions before
/// 4.53
/// pass over: those let even layers slide whatever it says. Keys are sorted, as Hugging Face does.
public final class Gemma2ConfigWriter {
    private static final JsonMapper JSON = new JsonMapper();

    private Gemma2ConfigWriter() {}

    /// Writes the file whole or not at all.
    ///
    /// @param weights the floating-point type that the weights are stored in
    /// @throws CheckpointException where the place cannot be written
    public static void write(Path file, Gemma2Config config, ElementType weights) {
        byte[] bytes = toJson(config, weights).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                file,
                channel -> {
                    ByteBuffer buffer = ByteBuffer.wrap(bytes);
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                });
    }

    /// The text of the file, the same for the same configuration every time.
    public static String toJson(Gemma2Config config, ElementType weights) {
        Map<String, Object> keys = new TreeMap<>();
        keys.put("architectures", List.of("Gemma2ForCausalLM"));
        keys.put("attention_bias", false);
        keys.put("attention_dropout", 0.0);
        keys.put("attn_logit_softcapping", orNull(config.attentionSoftCap()));
        keys.put("bos_token_id", config.bosId());
        keys.put("eos_token_id", oneOrAll(config.eosIds()));
        keys.put("final_logit_softcapping", orNull(config.finalSoftCap()));
        keys.put("head_dim", config.headDim());
        keys.put("hidden_act", "gelu_pytorch_tanh");
        keys.put("hidden_activation", "gelu_pytorch_tanh");
        keys.put("hidden_size", config.hiddenSize());
        keys.put("initializer_range", config.initializerRange());
        keys.put("intermediate_size", config.intermediateSize());
        keys.put(
                "layer_types",
                config.layerKinds().stream().map(AttentionKind::huggingFaceName).toList());
        keys.put("max_position_embeddings", config.maxPositions());
        keys.put("model_type", "gemma2");
        keys.put("num_attention_heads", config.heads());
        keys.put("num_hidden_layers", config.layers());
        keys.put("num_key_value_heads", config.kvHeads());
        keys.put("pad_token_id", config.padId());
        keys.put("query_pre_attn_scalar", wholeOrNot(config.queryPreAttnScalar()));
        keys.put("rms_norm_eps", config.rmsNormEpsilon());
        keys.put("rope_theta", config.ropeTheta());
        keys.put("sliding_window", config.slidingWindow());
        keys.put("tie_word_embeddings", true);
        keys.put("torch_dtype", torchName(weights));
        keys.put("use_cache", true);
        keys.put("vocab_size", config.vocabSize());
        try {
            return JSON.writer(printer()).writeValueAsString(keys) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // numbers and strings cannot fail to be written
        }
    }

    /// Line breaks are fixed: the platform's would change the bytes.
    private static DefaultPrettyPrinter printer() {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        Separators separators =
                Separators.createDefaultInstance()
                        .withObjectFieldValueSpacing(Separators.Spacing.AFTER);
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators);
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        return printer;
    }

    private static Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    /// As Hugging Face has it: null, a number, or a list.
    private static Object oneOrAll(List<Integer> ids) {
        return switch (ids.size()) {
            case 0 -> null;
            case 1 -> ids.getFirst();
            default -> ids;
        };
    }

    /// `transformers` 5 insists on an integer.
    private static Number wholeOrNot(double value) {
        return value == Math.rint(value) && value < Long.MAX_VALUE ? (Number) (long) value : value;
    }

    private static String torchName(ElementType weights) {
        return switch (weights) {
            case F64 -> "float64";
            case F32 -> "float32";
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            case I64, I32 ->
                    throw new IllegalArgumentException(
                            "weights: expected a floating-point type, got %s".formatted(weights));
        };
    }
}
