package dev.lethe.tools.report.results;

import java.util.Locale;

/// What was done to a model before it was measured. Only the first three are in use; the others are
/// reserved names of the contract.
public enum Attack {
    NONE,
    /// Fine-tuning on all forget data.
    RELEARN,
    /// Fine-tuning on a fixed half of the forget facts or documents.
    RELEARN_HALF,
    RELEARN_MIXED,
    RELEARN_RETAIN,
    FEW_SHOT,
    QUANTISE_8,
    QUANTISE_4,
    PRUNE;

    /// As it stands in a file: `relearn-half`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
