package dev.lethe.model.objective;

import dev.lethe.model.data.Batch;

/// Over which positions KL terms are averaged; cross-entropy is always over targets.
public enum Positions {
    /// Those whose next token exists (shifted), as the reference code does.
    TARGETS,
    /// All that are no padding, each row's last token included.
    ALL;

    Column column() {
        return this == TARGETS ? Column.TARGET_MASK : Column.POSITION_MASK;
    }

    int[] mask(Batch batch) {
        return column().of(batch);
    }

    int count(Batch batch) {
        return this == TARGETS ? batch.targetCount() : batch.positions();
    }
}
