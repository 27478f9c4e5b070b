package dev.lethe.model.pipeline;

import com.fasterxml.jackson.annotation.JsonView;

import dev.lethe.model.data.DataException;
import dev.lethe.model.data.TokenizerFile;
import dev.lethe.model.data.text.WindowSet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Text of the user's own from which a study of the paper's size is made (PAPER 3): token shards that
/// `lethe data text` wrote, and in arithmetic as many problems of the paper's generator.
///
/// Stages are named after what is in the files and not after where they lie.
///
/// @param length T, input positions a row
/// @param heldOut windows at the end of each text that are never trained on and judge models
/// @param problems for training, half equations; 0 in language
/// @param tokenizer that made the shards
/// @param english what a model may keep
/// @param korean what it is to forget; absent in arithmetic
public record Corpus(
        int length,
        int heldOut,
        int problems,
        Source tokenizer,
        Source english,
        Optional<Source> korean) {
    /// @param place a file or a directory
    /// @param sha256 of what is in it
    public record Source(@JsonView(SpecFile.Shown.class) String place, String sha256) {
        /// A tokenizer's file, or the word `bytes`.
        public static Source ofTokenizer(String place) {
            try {
                return new Source(
                        place,
                        place.equals(TokenizerFile.BYTES)
                                ? place
                                : DoneFile.sha256(Path.of(place)));
            } catch (IOException e) {
                throw new DataException(
                        "%s: expected a tokenizer's file that can be read, got none; check the path"
                                .formatted(place),
                        e);
            }
        }

        /// A directory of shards.
        ///
        /// @throws dev.lethe.model.data.DataException where it holds none
        public static Source ofShards(String place) {
            return new Source(place, WindowSet.sha256(Path.of(place)));
        }

        Path path() {
            return Path.of(place);
        }
    }

    public Corpus {
        if (length < 1 || heldOut < 2 || problems < 0) {
            throw new IllegalArgumentException(
                    ("data: expected a length of at least 1, at least 2 windows held out and at"
                                    + " least 0 problems, got %d, %d and %d; correct them")
                            .formatted(length, heldOut, problems));
        }
    }

    /// Fails unless it has the parts that the task needs.
    void requireTask(Task task) {
        boolean fits =
                switch (task) {
                    case ARITHMETIC -> problems > 0 && korean.isEmpty();
                    case LANGUAGE -> problems == 0 && korean.isPresent();
                };
        if (!fits) {
            throw new IllegalArgumentException(
                    "data: expected %s, got %d problems and %s; correct them"
                            .formatted(
                                    switch (task) {
                                        case ARITHMETIC -> "problems and no Korean for arithmetic";
                                        case LANGUAGE -> "Korean and no problems for language";
                                    },
                                    problems,
                                    korean.isPresent() ? "Korean" : "no Korean"));
        }
    }
}
