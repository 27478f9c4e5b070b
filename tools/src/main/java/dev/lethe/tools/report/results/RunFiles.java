package dev.lethe.tools.report.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The names of a run's files, and JSON as they have it.
public final class RunFiles {
    public static final String RESULTS = "results.csv";
    public static final String SUMMARY = "summary.json";
    public static final String SERIES = "series.csv";
    public static final String ANSWERS = "answers.json";
    public static final String CONFIGURATION = "config.yaml";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private RunFiles() {}

    /// What the files of a finished run hold.
    ///
    /// @throws IllegalArgumentException in one line, where a file is missing or not as we write it
    public static Run read(Path directory) {
        Results results = ResultsCsv.read(place(directory, RESULTS), text(directory, RESULTS));
        Summary summary = json(directory, SUMMARY, Summary.class);
        if (!summary.experiment().equals(results.experiment())
                || !summary.seeds().containsAll(results.seeds())) {
            throw new IllegalArgumentException(
                    "%s: expected experiment and seeds of %s (%s, %s), got %s, %s; they are of two runs"
                            .formatted(
                                    place(directory, SUMMARY),
                                    RESULTS,
                                    results.experiment(),
                                    results.seeds(),
                                    summary.experiment(),
                                    summary.seeds()));
        }
        return new Run(
                results,
                summary,
                has(directory, SERIES)
                        ? SeriesCsv.read(place(directory, SERIES), text(directory, SERIES))
                        : List.of(),
                has(directory, ANSWERS) ? json(directory, ANSWERS, Answers.class) : Answers.NONE,
                has(directory, CONFIGURATION) ? text(directory, CONFIGURATION) : "");
    }

    /// As one JSON object: a [Summary] or [Answers].
    public static JsonNode json(Record value) {
        return JSON.valueToTree(value);
    }

    private static <T> T json(Path directory, String name, Class<T> type) {
        String text = text(directory, name);
        try {
            T value = JSON.readValue(text, type);
            if (value != null) {
                return value;
            }
        } catch (JsonProcessingException e) {
            Throwable cause = e.getCause() instanceof IllegalArgumentException own ? own : e;
            String reason = cause == e ? e.getOriginalMessage() : cause.getMessage();
            throw new IllegalArgumentException(
                    "%s: expected what lethe writes there, got: %s; run the experiment again"
                            .formatted(place(directory, name), reason.replaceAll("\\s+", " ")),
                    e);
        }
        throw new IllegalArgumentException(
                "%s: expected an object, got null; run the experiment again"
                        .formatted(place(directory, name)));
    }

    private static String place(Path directory, String name) {
        return directory.resolve(name).toString();
    }

    private static boolean has(Path directory, String name) {
        return Files.exists(directory.resolve(name));
    }

    private static String text(Path directory, String name) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "%s: expected a finished run with this file, got none; name a run's directory"
                            .formatted(file));
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "%s: expected UTF-8 text, got other bytes; restore the file".formatted(file),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
