package dev.lethe.tools.command;

import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.data.DataException;
import dev.lethe.model.gemma2.ConfigException;
import dev.lethe.model.objective.ObjectiveException;
import dev.lethe.model.train.DivergedException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Objects;

/// What a person sees of a failure: one line and an exit code.
///
/// @param text without the leading `lethe: `
public record ErrorLine(String text, int exitCode) {
    public ErrorLine {
        text = text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /// The line for whatever was thrown.
    public static ErrorLine of(Throwable thrown) {
        return switch (thrown) {
            case RefusedException e -> refused(e.getMessage());
            case ConfigException e -> refused(e.getMessage());
            case FailedException e -> failed(e.getMessage());
            case DataException e -> failed(e.getMessage());
            case CheckpointException e -> failed(e.getMessage());
            case ObjectiveException e -> failed(e.getMessage());
            case DivergedException e -> failed(e.getMessage());
            case UncheckedIOException e -> failed(reading(e.getCause()));
            case IOException e -> failed(reading(e));
            case OutOfMemoryError e ->
                    failed(
                            ("memory: expected enough for model and batch, got %s; use a smaller"
                                            + " batch, --threads 1 or --dtype f32")
                                    .formatted(e.getMessage()));
            // The libraries' own checks, which are written for people.
            case IllegalArgumentException e when e.getMessage() != null -> failed(e.getMessage());
            case IllegalStateException e when e.getMessage() != null -> failed(e.getMessage());
            default ->
                    failed(
                            ("%s (%s): expected none, this is a defect of Lethe; report it with"
                                            + " --debug")
                                    .formatted(
                                            thrown.getClass().getSimpleName(),
                                            Objects.toString(thrown.getMessage(), "no message")));
        };
    }

    static ErrorLine refused(String text) {
        return new ErrorLine(text, ExitCode.REFUSED);
    }

    private static ErrorLine failed(String text) {
        return new ErrorLine(text, ExitCode.FAILED);
    }

    private static String reading(IOException e) {
        String place = e instanceof FileSystemException system ? system.getFile() : "file";
        String reason =
                e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return "%s: expected a place that can be read or written, got %s; check path and rights"
                .formatted(place, reason == null ? e.getClass().getSimpleName() : reason);
    }
}
