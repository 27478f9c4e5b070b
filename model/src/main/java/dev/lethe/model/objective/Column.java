package dev.lethe.model.objective;

import dev.lethe.model.data.Batch;

/// What an objective takes of a batch, one I32 a position.
enum Column {
    IDS,
    TARGETS,
    /// 1 where the target counts.
    TARGET_MASK,
    /// 1 where the position counts.
    POSITION_MASK;

    int[] of(Batch batch) {
        return switch (this) {
            case IDS -> batch.ids();
            case TARGETS -> batch.targets();
            case TARGET_MASK -> batch.targetMask();
            case POSITION_MASK -> batch.positionMask();
        };
    }
}
