package dev.lethe.model.pipeline;

import dev.lethe.model.pipeline.Data.Mixture;

import java.util.Map;

/// Rows of unlearning, as many to be forgotten as to be kept.
///
/// @param forget probability of each kind among those to be forgotten, as in [Data]
/// @param retain the same among those to be kept
public record ForgetRetain(Map<RowKind, Double> forget, Map<RowKind, Double> retain) {
    public ForgetRetain {
        forget = Mixture.FORGET.checked(forget);
        retain = Mixture.RETAIN.checked(retain);
    }

    /// Fails where the rows are none of the subject.
    void requireSubject(Subject subject) {
        Mixture.FORGET.requireSubject(subject, forget);
        Mixture.RETAIN.requireSubject(subject, retain);
    }
}
