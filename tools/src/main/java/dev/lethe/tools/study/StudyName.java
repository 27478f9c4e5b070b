package dev.lethe.tools.study;

import dev.lethe.tools.command.Nearest;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.configuration.Configuration;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The studies, each with its numbers in a resource `<word>.yaml`.
enum StudyName {
    ANATOMY("Which loss pulls where: gradients by term, layer, kind, position and logit"),
    TRAJECTORY("Which way models go: movement and gradients along unlearning and relearning"),
    CURVATURE("How sharp the loss is: eigenvalues, spectral densities and traces, each with error"),
    PATHS("What lies between models: loss and accuracy on lines and a plane, with distances"),
    INFLUENCE("Which examples undo unlearning: gains of single steps, predicted and measured"),
    ROBUSTNESS_PREDICTORS("Which numbers, known before the attack, order models as it does");

    private final String about;

    StudyName(String about) {
        this.about = about;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// In one line.
    String about() {
        return about;
    }

    /// Whether models of several runs can stand beside each other in it.
    boolean takesRuns() {
        return this != TRAJECTORY && this != INFLUENCE;
    }

    /// Whether it can be asked of an objective of the user's own.
    boolean takesObjective() {
        return this == ANATOMY || this == CURVATURE;
    }

    static List<String> words() {
        return Arrays.stream(values()).map(StudyName::word).toList();
    }

    /// @throws RefusedException for a word that names none
    static StudyName of(String word) {
        return Arrays.stream(values())
                .filter(one -> one.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new RefusedException(
                                        "study: expected %s, got %s%s; see --list"
                                                .formatted(
                                                        String.join(", ", words()),
                                                        word,
                                                        Nearest.suggestion(word, words()))));
    }

    /// Its preset.
    Configuration configuration() {
        try (InputStream in = StudyName.class.getResourceAsStream(word() + ".yaml")) {
            return Configuration.parse(
                    word(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
