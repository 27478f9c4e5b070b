package dev.lethe.tools.experiment;

import dev.lethe.model.data.DataException;
import dev.lethe.model.data.TokenizerFile;
import dev.lethe.model.pipeline.Corpus;
import dev.lethe.model.pipeline.Corpus.Source;
import dev.lethe.model.pipeline.Task;
import dev.lethe.tools.command.RefusedException;
import java.util.Optional;

/// Where the text of an experiment lies.
///
/// @param tokenizer a `tokenizer.json`, or `bytes`
/// @param english directory of token shards
/// @param korean the same, in language alone
/// @param length T, input positions a row
/// @param heldOut windows at the end of each text that judge models
/// @param problems for training, in arithmetic alone
record Sources(
        Optional<String> tokenizer,
        Optional<String> english,
        Optional<String> korean,
        int length,
        int heldOut,
        Optional<Integer> problems) {
    /// Reads what identifies the text; of shards that is all of them, about a second a gigabyte.
    ///
    /// @param experiment its name, for errors
    /// @param vocabulary of the model
    /// @throws RefusedException where something is not named, or the tokenizer has more ids
    Corpus open(String experiment, Task task, int vocabulary) {
        String file =
                tokenizer.orElseThrow(
                        () ->
                                missing(
                                        experiment,
                                        "tokenizer",
                                        "the tokenizer.json of the model's vocabulary",
                                        "fetch Gemma 2's and add --set data.tokenizer=FILE"));
        String text = english.orElseThrow(() -> missingShards(experiment, "english"));
        boolean language = task == Task.LANGUAGE;
        Optional<String> forgotten =
                language
                        ? Optional.of(
                                korean.orElseThrow(() -> missingShards(experiment, "korean")))
                        : Optional.empty();
        try {
            int ids = TokenizerFile.open(file).vocabulary();
            if (ids > vocabulary) {
                throw new RefusedException(
                        "%s: model.vocabulary: expected at least %d, the tokenizer's, got %d; correct it"
                                .formatted(experiment, ids, vocabulary));
            }
            return new Corpus(
                    length,
                    heldOut,
                    problems.orElse(0),
                    Source.ofTokenizer(file),
                    Source.ofShards(text),
                    forgotten.map(Source::ofShards));
        } catch (DataException | IllegalArgumentException e) {
            throw new RefusedException(experiment + ": data: " + e.getMessage(), e);
        }
    }

    /// The same without any text, for what depends on none: how much there is to compute.
    Corpus unread(Task task) {
        Source none = new Source("", "");
        return new Corpus(
                length,
                heldOut,
                problems.orElse(0),
                none,
                none,
                task == Task.LANGUAGE ? Optional.of(none) : Optional.empty());
    }

    private RefusedException missingShards(String experiment, String text) {
        return missing(
                experiment,
                text,
                "a directory of token shards",
                ("make one with lethe data text --input %s.jsonl --tokenizer tokenizer.json"
                                + " --length %d --out %s and add --set data.%s=%s")
                        .formatted(text, length, text, text, text));
    }

    private static RefusedException missing(
            String experiment, String key, String expected, String remedy) {
        return new RefusedException(
                "%s: data.%s: expected %s, got none; %s"
                        .formatted(experiment, key, expected, remedy));
    }
}
