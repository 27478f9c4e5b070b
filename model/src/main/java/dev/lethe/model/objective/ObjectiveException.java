package dev.lethe.model.objective;

/// A [CustomObjective] from a JAR that cannot be made or has thrown, in one line: what, expected,
/// got, remedy.
public final class ObjectiveException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ObjectiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
