package dev.lethe.model.pipeline;

import java.util.Locale;

/// What a row of training data can be. Draws go through the kinds in this order, so the order
/// decides which rows are drawn: add new ones at the end.
public enum RowKind {
    /// General text in which a model meets all signs without computing.
    COPY(Task.ARITHMETIC, false),
    ADD(Task.ARITHMETIC, false),
    SUB(Task.ARITHMETIC, false),
    MUL(Task.ARITHMETIC, true),
    DIV(Task.ARITHMETIC, true),
    ENGLISH(Task.LANGUAGE, false),
    KOREAN(Task.LANGUAGE, true);

    private final Task task;
    private final boolean forgotten;

    RowKind(Task task, boolean forgotten) {
        this.task = task;
        this.forgotten = forgotten;
    }

    Task task() {
        return task;
    }

    /// Whether a study of this subject has such rows. With a corpus English is the general text of
    /// arithmetic too, in the place of copied signs (PAPER 2.2).
    boolean isOf(Subject subject) {
        boolean english = this == ENGLISH && subject.corpus().isPresent();
        boolean copied = this == COPY && subject.corpus().isPresent();
        return english || task == subject.task() && !copied;
    }

    /// Whether it is of what a model is to forget.
    boolean forgotten() {
        return forgotten;
    }

    /// As in YAML files: `copy`, `english`.
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
