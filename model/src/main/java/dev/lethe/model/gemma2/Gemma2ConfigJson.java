package dev.lethe.model.gemma2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;

import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.RegularFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Reads Hugging Face's `config.json` of Gemma 2, in its classic and its newer spelling.
///
/// A missing key takes the default of Hugging Face's `Gemma2Config`. Keys that change what the
/// model
/// computes and cannot be honoured are refused; keys that do not (`use_cache`, `torch_dtype`,
/// `transformers_version`, unknown ones) are passed over: each weight's file states its own type.
public final class Gemma2ConfigJson {
    /// The file's name in a checkpoint directory.
    public static final String FILE = "config.json";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();
    private static final JsonNode GELU_TANH = TextNode.valueOf("gelu_pytorch_tanh");
    private static final JsonNode DEFAULT_ROPE = TextNode.valueOf("default");

    private final Gemma2Config defaults = Gemma2Config.builder().build();
    private final ConfigFields fields;

    private Gemma2ConfigJson(ConfigFields fields) {
        this.fields = fields;
    }

    /// Reads a file, or `config.json` of a directory.
    ///
    /// @throws CheckpointException where the file cannot be read or is no JSON object
    /// @throws ConfigException where it says what cannot be, or cannot be honoured
    public static Gemma2Config read(Path place) {
        Path path = Files.isDirectory(place) ? place.resolve(FILE) : place;
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(RegularFile.require(path)));
            if (!root.isObject()) {
                throw new CheckpointException(
                        "%s: expected a JSON object, got %s; name a Hugging Face config.json"
                                .formatted(path, root.getNodeType()));
            }
            return new Gemma2ConfigJson(new ConfigFields("", root)).config();
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    "%s: expected valid JSON, got an error (%s); correct the file"
                            .formatted(path, e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot read: expected a readable configuration, got %s; check the path"
                            .formatted(path, e.getClass().getSimpleName()),
                    e);
        } catch (ConfigException e) {
            throw new ConfigException(path + ": " + e.getMessage(), e);
        }
    }

    private Gemma2Config config() {
        refuseWhatCannotBeHonoured();
        List<AttentionKind> kinds = layerKinds();
        return Gemma2Config.builder()
                .vocabSize(fields.integer("vocab_size", defaults.vocabSize()))
                .hiddenSize(fields.integer("hidden_size", defaults.hiddenSize()))
                .intermediateSize(fields.integer("intermediate_size", defaults.intermediateSize()))
                .layerKinds(kinds)
                .heads(fields.integer("num_attention_heads", defaults.heads()))
                .kvHeads(fields.integer("num_key_value_heads", defaults.kvHeads()))
                .headDim(fields.integer("head_dim", defaults.headDim()))
                .queryPreAttnScalar(
                        fields.number("query_pre_attn_scalar", defaults.queryPreAttnScalar()))
                .attentionSoftCap(
                        fields.numberOrOff("attn_logit_softcapping", defaults.attentionSoftCap()))
                .finalSoftCap(
                        fields.numberOrOff("final_logit_softcapping", defaults.finalSoftCap()))
                .slidingWindow(slidingWindow(kinds))
                .ropeTheta(ropeTheta())
                .rmsNormEpsilon(fields.number("rms_norm_eps", defaults.rmsNormEpsilon()))
                .maxPositions(fields.integer("max_position_embeddings", defaults.maxPositions()))
                .initializerRange(fields.number("initializer_range", defaults.initializerRange()))
                .padId(padId())
                .bosId(fields.integer("bos_token_id", defaults.bosId()))
                .eosIds(fields.integers("eos_token_id", defaults.eosIds()))
                .build();
    }

    /// Null is no padding, and which id padding has changes no result: it is masked.
    private int padId() {
        return fields.isNull("pad_token_id")
                ? defaults.padId()
                : fields.integer("pad_token_id", defaults.padId());
    }

    private void refuseWhatCannotBeHonoured() {
        if (!fields.object().path("model_type").asText().equals("gemma2")) {
            throw fields.refusal("model_type", "\"gemma2\"", fields.object().path("model_type"));
        }
        fields.honours("attention_bias", List.of(BooleanNode.FALSE));
        fields.honours("attention_dropout", List.of(IntNode.valueOf(0)));
        fields.honours("tie_word_embeddings", List.of(BooleanNode.TRUE));
        fields.honours("hidden_activation", List.of(GELU_TANH));
        if (!fields.has("hidden_activation")) {
            // The model reads hidden_activation alone; an old file may say the legacy key only.
            fields.honours("hidden_act", List.of(GELU_TANH));
        }
        fields.honours("use_bidirectional_attention", List.of(BooleanNode.FALSE));
        fields.honours("is_encoder_decoder", List.of(BooleanNode.FALSE));
        fields.honours("add_cross_attention", List.of(BooleanNode.FALSE));
        fields.honours("quantization_config", List.of());
        fields.honours("partial_rotary_factor", List.of(IntNode.valueOf(1)));
    }

    private List<AttentionKind> layerKinds() {
        int layers = fields.integer("num_hidden_layers", defaults.layers());
        if (!fields.has("layer_types")) {
            return Gemma2Config.alternating(layers);
        }
        JsonNode types = fields.object().get("layer_types");
        if (!types.isArray() || types.size() != layers) {
            throw fields.refusal(
                    "layer_types",
                    "an array of num_hidden_layers %d words".formatted(layers),
                    types);
        }
        List<AttentionKind> kinds = new ArrayList<>();
        for (JsonNode type : types) {
            kinds.add(
                    Arrays.stream(AttentionKind.values())
                            .filter(kind -> kind.huggingFaceName().equals(type.textValue()))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            fields.refusal(
                                                    "layer_types",
                                                    "sliding_attention or full_attention",
                                                    type)));
        }
        return kinds;
    }

    /// Null is no window, which only a model without sliding layers can mean.
    private int slidingWindow(List<AttentionKind> kinds) {
        boolean unused = !kinds.contains(AttentionKind.SLIDING) && !fields.has("sliding_window");
        return unused
                ? defaults.slidingWindow()
                : fields.integer("sliding_window", defaults.slidingWindow());
    }

    /// Top-level `rope_theta` (classic) or `rope_parameters.rope_theta` (newer); both must agree.
    private double ropeTheta() {
        if (fields.has("rope_scaling")) {
            unscaled(fields.child("rope_scaling"), Set.of("rope_type", "type"));
        }
        double theta = fields.number("rope_theta", defaults.ropeTheta());
        if (!fields.has("rope_parameters")) {
            return theta;
        }
        ConfigFields rope = fields.child("rope_parameters");
        unscaled(rope, Set.of("rope_type", "type", "rope_theta"));
        double newer = rope.number("rope_theta", theta);
        if (fields.has("rope_theta") && newer != theta) {
            throw rope.refusal(
                    "rope_theta",
                    "rope_theta " + theta + " of the same file",
                    rope.object().get("rope_theta"));
        }
        return newer;
    }

    private static void unscaled(ConfigFields rope, Set<String> keys) {
        rope.honours("rope_type", List.of(DEFAULT_ROPE));
        rope.honours("type", List.of(DEFAULT_ROPE));
        rope.onlyKnows(keys);
    }
}
