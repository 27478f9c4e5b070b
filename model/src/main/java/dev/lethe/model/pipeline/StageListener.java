package dev.lethe.model.pipeline;

import dev.lethe.model.train.TrainingObserver;

import java.nio.file.Path;

/// Hears how stages get on: a progress display. May be called from several threads where stages run
/// side by side.
public interface StageListener {
    /// Hears nothing.
    StageListener NONE = new StageListener() {};

    /// A stage begins or goes on.
    ///
    /// @param steps updates already made by a run that was interrupted
    /// @param total updates at most; 0 for a stage that trains nothing
    /// @return hears of each step of the stage
    default TrainingObserver onBegin(StageSpec spec, long steps, long total) {
        return _ -> {};
    }

    /// A stage is finished; not told of those that were found.
    default void onFinished(StageSpec spec, StageResult result) {}

    /// Another process is making the stage, and this one waits for it.
    default void onWaiting(StageSpec spec, Path directory) {}
}
