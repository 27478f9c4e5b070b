package dev.lethe.model.pipeline;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

import java.util.Optional;

/// What the models of a study are about.
///
/// As text it is the task's name alone where the data are the miniature's, so that stages of the
/// miniatures keep the names that they have.
///
/// @param corpus text of the user's own; absent: the data of the task's miniature
public record Subject(Task task, Optional<Corpus> corpus) {
    public Subject {
        corpus.ifPresent(text -> text.requireTask(task));
    }

    /// The miniature of a task.
    public static Subject of(Task task) {
        return new Subject(task, Optional.empty());
    }

    /// Input positions a row.
    public int inputs() {
        return corpus.map(Corpus::length)
                .orElse(
                        switch (task) {
                            case ARITHMETIC -> ArithmeticStudy.INPUTS;
                            case LANGUAGE -> LanguageStudy.INPUTS;
                        });
    }

    /// Both as text.
    private record Whole(Task task, Corpus corpus) {}

    @JsonValue
    Object json() {
        return corpus.isEmpty() ? task : new Whole(task, corpus.get());
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Subject read(Object json) {
        if (json instanceof String task) {
            return of(Task.valueOf(task));
        }
        Whole whole = SpecFile.convert(json, Whole.class);
        return new Subject(whole.task, Optional.of(whole.corpus));
    }
}
