package dev.lethe.model.data.language;

import java.util.Locale;

/// A language of the embedded text.
public enum Language {
    /// What a model may keep.
    ENGLISH,
    /// What it is to forget.
    KOREAN;

    /// `english`, `korean`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
