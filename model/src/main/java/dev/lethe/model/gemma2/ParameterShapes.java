package dev.lethe.model.gemma2;

import java.util.ArrayList;
import java.util.List;

/// The parameters of a Gemma 2 model, in the order of the forward pass.
///
/// No biases. The head is tied to `model.embed_tokens.weight` and therefore not listed, as Hugging
/// Face does not store it.
final class ParameterShapes {
    static final String EMBEDDING = "model.embed_tokens.weight";

    private ParameterShapes() {}

    static List<ParameterShape> of(Gemma2Config config) {
        int hidden = config.hiddenSize();
        List<ParameterShape> shapes = new ArrayList<>();
        shapes.add(matrix(EMBEDDING, config.vocabSize(), hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            String attention = prefix + "self_attn.";
            String mlp = prefix + "mlp.";
            shapes.add(vector(prefix + "input_layernorm.weight", hidden));
            shapes.add(matrix(attention + "q_proj.weight", config.queryWidth(), hidden));
            shapes.add(matrix(attention + "k_proj.weight", config.keyValueWidth(), hidden));
            shapes.add(matrix(attention + "v_proj.weight", config.keyValueWidth(), hidden));
            shapes.add(matrix(attention + "o_proj.weight", hidden, config.queryWidth()));
            shapes.add(vector(prefix + "post_attention_layernorm.weight", hidden));
            shapes.add(vector(prefix + "pre_feedforward_layernorm.weight", hidden));
            shapes.add(matrix(mlp + "gate_proj.weight", config.intermediateSize(), hidden));
            shapes.add(matrix(mlp + "up_proj.weight", config.intermediateSize(), hidden));
            shapes.add(matrix(mlp + "down_proj.weight", hidden, config.intermediateSize()));
            shapes.add(vector(prefix + "post_feedforward_layernorm.weight", hidden));
        }
        shapes.add(vector("model.norm.weight", hidden));
        return List.copyOf(shapes);
    }

    private static ParameterShape matrix(String name, int rows, int columns) {
        return new ParameterShape(name, List.of(rows, columns));
    }

    private static ParameterShape vector(String name, int length) {
        return new ParameterShape(name, List.of(length));
    }
}
