package dev.lethe.model.study;

import java.util.SequencedMap;

/// How well one number, known before any attack, orders models by what the attack found.
///
/// @param predictor name of the number
/// @param all over all models
/// @param without the same with the models of one method left out, by that method: a correlation
///     that only one method carries falls there
public record Prediction(
        String predictor, RankCorrelation all, SequencedMap<String, RankCorrelation> without) {
    /// What is known of one model.
    ///
    /// @param method by which it was made
    /// @param numbers predictors by name, the same names in every model
    /// @param outcome what is to be predicted, such as robustness R
    public record Case(
            String model, String method, SequencedMap<String, Double> numbers, double outcome) {}
}
