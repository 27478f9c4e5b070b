package dev.lethe.model.study;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where in the model a parameter sits, read from its Hugging Face name.
///
/// @param layer 0-based; empty for the embedding and the final norm
public record ParameterPlace(String name, OptionalInt layer, Kind kind) {
    /// What a parameter does.
    public enum Kind {
        /// Input table and output head in one.
        EMBEDDING,
        QUERY,
        KEY,
        VALUE,
        OUTPUT,
        GATE,
        UP,
        DOWN,
        /// Any gain of a normalisation.
        NORM
    }

    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\..*");

    public static ParameterPlace of(String name) {
        Matcher layer = LAYER.matcher(name);
        OptionalInt at =
                layer.matches()
                        ? OptionalInt.of(Integer.parseInt(layer.group(1)))
                        : OptionalInt.empty();
        String[] parts = name.split("\\.");
        String last = parts.length < 2 ? name : parts[parts.length - 2];
        Kind kind =
                switch (last) {
                    case "embed_tokens" -> Kind.EMBEDDING;
                    case "q_proj" -> Kind.QUERY;
                    case "k_proj" -> Kind.KEY;
                    case "v_proj" -> Kind.VALUE;
                    case "o_proj" -> Kind.OUTPUT;
                    case "gate_proj" -> Kind.GATE;
                    case "up_proj" -> Kind.UP;
                    case "down_proj" -> Kind.DOWN;
                    case String norm when norm.endsWith("norm") -> Kind.NORM;
                    case String other ->
                            throw new IllegalArgumentException(
                                    "parameter place: expected a Gemma 2 parameter, got %s (%s)"
                                            .formatted(name, other));
                };
        return new ParameterPlace(name, at, kind);
    }

    /// `embedding`, `layer 0` and so on, `final norm`: the layers in order of the forward pass.
    public String group() {
        if (layer.isPresent()) {
            return "layer " + layer.getAsInt();
        }
        return kind == Kind.EMBEDDING ? "embedding" : "final norm";
    }
}
