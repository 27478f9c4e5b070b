package dev.lethe.model.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/// How to unlearn (PAPER 1.3): the objective's settings, to be joined with models when the stage runs.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Method.GradDiff.class, name = "graddiff"),
    @JsonSubTypes.Type(value = Method.MaxEnt.class, name = "maxent"),
    @JsonSubTypes.Type(value = Method.Rmu.class, name = "rmu")
})
public sealed interface Method permits Method.GradDiff, Method.MaxEnt, Method.Rmu {
    /// As in `results.csv`.
    String label();

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
    }
}
