package dev.lethe.tools.report.results;

import java.util.Locale;

/// What a value of `results.csv` is: accuracies from 0 to 1, cross-entropies in nats a token.
public enum Metric {
    FORGET_ACCURACY,
    RETAIN_ACCURACY,
    FORGET_CE,
    RETAIN_CE,
    /// Of the half that `relearn-half` does not train on.
    FORGET_HELDOUT_ACCURACY,
    FORGET_HELDOUT_CE,
    /// 1 at the step that an attack could not make.
    DIVERGED;

    /// As it stands in a file: `forget_accuracy`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
