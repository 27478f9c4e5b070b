package dev.lethe.model.pipeline;

import static dev.lethe.model.pipeline.RowKind.ADD;
import static dev.lethe.model.pipeline.RowKind.COPY;
import static dev.lethe.model.pipeline.RowKind.DIV;
import static dev.lethe.model.pipeline.RowKind.ENGLISH;
import static dev.lethe.model.pipeline.RowKind.KOREAN;
import static dev.lethe.model.pipeline.RowKind.MUL;
import static dev.lethe.model.pipeline.RowKind.SUB;

import dev.lethe.model.pipeline.Data.Mixture;

import java.util.Map;
import java.util.Optional;

/// How often each kind of row is drawn in a study. Each mixture's shares sum to 1 within 1e-9; a
/// kind without a share is left out.
///
/// @param mixed pretraining of the base and distillation
/// @param retain pretraining of the filter, and what unlearning keeps
/// @param forget what unlearning forgets, and what an attack brings back, whole or half
/// @param unlearningRetain what unlearning keeps, where it is not what the filter is trained on
public record Mixtures(
        Map<RowKind, Double> mixed,
        Map<RowKind, Double> retain,
        Map<RowKind, Double> forget,
        Optional<Map<RowKind, Double>> unlearningRetain) {
    public Mixtures {
        mixed = Mixture.MIXED.checked(mixed);
        retain = Mixture.RETAIN.checked(retain);
        forget = Mixture.FORGET.checked(forget);
        unlearningRetain = unlearningRetain.map(Mixture.RETAIN::checked);
    }

    private Mixtures(
            Map<RowKind, Double> mixed, Map<RowKind, Double> retain, Map<RowKind, Double> forget) {
        this(mixed, retain, forget, Optional.empty());
    }

    /// Those of the miniatures.
    public static Mixtures of(Task task) {
        return switch (task) {
            case ARITHMETIC ->
                    new Mixtures(
                            Map.of(COPY, 0.15, ADD, 0.2125, SUB, 0.2125, MUL, 0.2125, DIV, 0.2125),
                            Map.of(COPY, 0.15, ADD, 0.425, SUB, 0.425),
                            Map.of(MUL, 0.5, DIV, 0.5));
            case LANGUAGE ->
                    new Mixtures(
                            Map.of(ENGLISH, 0.5, KOREAN, 0.5),
                            Map.of(ENGLISH, 1.0),
                            Map.of(KOREAN, 1.0));
        };
    }

    /// Rows of one mixture.
    ///
    /// @param stream as in [Data]
    public Data data(Mixture mixture, int stream) {
        Map<RowKind, Double> shares =
                switch (mixture) {
                    case MIXED -> mixed;
                    case RETAIN -> retain;
                    case FORGET, FORGET_HALF -> forget;
                };
        return new Data(mixture, shares, stream);
    }

    public ForgetRetain forgetRetain() {
        return new ForgetRetain(forget, unlearningRetain.orElse(retain));
    }
}
