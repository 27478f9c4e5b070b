package dev.lethe.model.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How to unlearn (PAPER 1.3): the objective's settings, to be joined with models when the stage
/// runs.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Method.GradDiff.class, name = "graddiff"),
    @JsonSubTypes.Type(value = Method.MaxEnt.class, name = "maxent"),
    @JsonSubTypes.Type(value = Method.Rmu.class, name = "rmu"),
    @JsonSubTypes.Type(value = Method.Custom.class, name = "custom")
})
public sealed interface Method
        permits Method.GradDiff, Method.MaxEnt, Method.Rmu, Method.Custom {
    /// Labels that no custom method may have.
    List<String> BUILT_IN = List.of("graddiff", "maxent", "rmu");

    /// As in `results.csv`.
    String label();

    /// Fails for a layer that a model of so many does not have.
    default void requireLayers(int layers) {}

    /// @param alpha weight of the retain term
    record GradDiff(double alpha) implements Method {
        @Override
        public String label() {
            return "graddiff";
        }
    }

    /// @param alpha weight of the retain term
    record MaxEnt(double alpha) implements Method {
        @Override
        public String label() {
            return "maxent";
        }
    }

    /// @param layer 0-based, after which hidden states are taken
    /// @param c length of the goal
    /// @param alpha weight of the retain term
    /// @param trainedLayers whose `down_proj` moves, 0-based; nothing else does
    record Rmu(int layer, double c, double alpha, List<Integer> trainedLayers) implements Method {
        @Override
        public String label() {
            return "rmu";
        }

        @Override
        public void requireLayers(int layers) {
            Stream<Integer> named = Stream.concat(Stream.of(layer), trainedLayers.stream());
            if (trainedLayers.isEmpty() || named.anyMatch(one -> one < 0 || one >= layers)) {
                throw new IllegalArgumentException(
                        ("rmu: layer and trainedLayers: expected 0 to %d and at least"
                                        + " one to train, got %d and %s; layers count from 0")
                                .formatted(layers - 1, layer, trainedLayers));
            }
        }
    }

    /// An objective of a user's own ([dev.lethe.model.objective.ObjectiveJar]).
    ///
    /// @param label as in `results.csv`, such as `npo`
    /// @param className fully qualified
    /// @param jar SHA-256 of the JAR, which [StageStore#adoptJar] has taken
    /// @param settings numbers that the class asks for
    record Custom(String label, String className, String jar, Map<String, Double> settings)
            implements Method {
        private static final Pattern LABEL = Pattern.compile("[a-z0-9]+");

        public Custom {
            if (!LABEL.matcher(label).matches() || BUILT_IN.contains(label)) {
                throw new IllegalArgumentException(
                        "label: expected small letters and digits, and none of %s, got '%s'; choose another"
                                .formatted(String.join(", ", BUILT_IN), label));
            }
            settings = Collections.unmodifiableMap(new TreeMap<>(settings));
        }

        /// @throws dev.lethe.model.checkpoint.CheckpointException where the JAR cannot be read
        public static Custom of(
                String label, String className, Path jar, Map<String, Double> settings) {
            return new Custom(label, className, StageStore.digest(jar), settings);
        }
    }
}
