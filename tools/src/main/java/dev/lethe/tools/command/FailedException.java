package dev.lethe.tools.command;

/// Files, data or a run that failed, in one line: what, expected, got, remedy.
public final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FailedException(String message) {
        super(message);
    }

    public FailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
