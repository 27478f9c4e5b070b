package dev.lethe.tools.command;

/// A command line or configuration refused before any work, in one line: what, expected, got,
/// remedy.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }

    public RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
