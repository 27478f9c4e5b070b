package dev.lethe.tools.study;

import dev.lethe.tools.command.WordConverter;
import java.util.Optional;

/// The losses whose curvature can be asked for.
enum LossName {
    FORGET_CE("CE of forget rows"),
    RETAIN_CE("CE of retain rows"),
    GRADDIFF("GradDiff"),
    MAXENT("MaxEnt"),
    RMU("RMU"),
    DISTILL("distillation"),
    REPNOISE("RepNoise on MaxEnt"),
    /// The user's own.
    CUSTOM("custom");

    private final String words;

    LossName(String words) {
        this.words = words;
    }

    /// What figures call it.
    ///
    /// @param own the user's objective, where there is one
    String words(Optional<OwnObjective> own) {
        return this == CUSTOM ? own.map(OwnObjective::name).orElse(words) : words;
    }

    /// Cross-entropy alone, without any model to compare with.
    boolean isPlain() {
        return this == FORGET_CE || this == RETAIN_CE;
    }

    /// In which the loss is measured.
    String unit() {
        return this == RMU || this == REPNOISE || this == CUSTOM ? "loss" : "nats";
    }

    /// Among those of [GroupObjectives].
    String word() {
        return WordConverter.word(this);
    }
}
