package dev.lethe.model.pipeline;

/// What a study is about: which data is there, and how abilities are measured.
public enum Task {
    /// Equations; abilities are exact-match accuracies, from 0 to 1.
    ARITHMETIC,
    /// English and Korean text; abilities are minus the cross-entropy in nats a token.
    LANGUAGE
}
