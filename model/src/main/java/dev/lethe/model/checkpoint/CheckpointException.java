package dev.lethe.model.checkpoint;

/// A file that cannot be used or written, told to the user in one line: file, what, expected, got,
/// remedy.
///
/// Control characters of the message (a tensor may be named with a line break) are shown as `?`, so
/// that it is one line whatever the file held.
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(oneLine(message));
    }

    public CheckpointException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    private static String oneLine(String message) {
        return message.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
    }
}
