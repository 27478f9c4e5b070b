package dev.lethe.bench.gpu;

import java.util.List;

/// What a part left, as it is kept in `parts/<name>.json`.
///
/// @param note why it was skipped or failed, or what was smaller than on a GPU; may be empty
/// @param device `cuda`, or `cuda (simulated)`
/// @param date UTC, when it ended
record PartResult(
        String part,
        Status status,
        double seconds,
        String note,
        String device,
        String commit,
        String date,
        List<Finding> findings) {
    enum Status {
        PASSED,
        FAILED,
        SKIPPED
    }

    /// Whether it need not be run again.
    boolean finished() {
        return status == Status.PASSED;
    }
}
