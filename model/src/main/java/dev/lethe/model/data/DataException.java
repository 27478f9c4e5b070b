package dev.lethe.model.data;

/// Data that cannot be used, told to the user in one line: where, expected, got, remedy.
///
/// Control characters of the message (it may quote a file) are shown as `?`, so that it is one line
/// whatever the file held.
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DataException(String message) {
        super(oneLine(message));
    }

    public DataException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    private static String oneLine(String message) {
        return message.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
    }
}
