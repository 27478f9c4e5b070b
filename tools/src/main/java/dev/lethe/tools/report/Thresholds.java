package dev.lethe.tools.report;

/// What the claims are judged by, fixed before the first run.
///
/// @param horizon attack steps over which A is the mean
/// @param margin by which A of an unlearned model must exceed that of filter
/// @param robustness least R
/// @param retainLoss most that a model may lose of its teacher's retain accuracy
/// @param recovered share of base's forget accuracy that an attack must bring back in an unlearned
///     model to be worth a verdict
public record Thresholds(
        long horizon, double margin, double robustness, double retainLoss, double recovered) {}
