package dev.lethe.model.pipeline;

/// Rows to train on.
///
/// @param mixture which part of the task's data
/// @param stream numbers the order of the rows, from 0; two stages with one stream and seed see the
///     same rows
public record Data(Mixture mixture, int stream) {
    public Data {
        if (stream < 0) {
            throw new IllegalArgumentException(
                    "data: stream: expected at least 0, got " + stream + "; number the streams");
        }
    }

    /// Parts of a task's data.
    public enum Mixture {
        /// Everything, unlabelled.
        MIXED,
        /// What a model may keep.
        RETAIN,
        /// What it is to forget.
        FORGET,
        /// A fixed half of what it is to forget; the other half judges.
        FORGET_HALF
    }
}
