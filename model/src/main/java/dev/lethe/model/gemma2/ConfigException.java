package dev.lethe.model.gemma2;

/// A configuration refused before any work, in one line: what, expected, got, remedy.
///
/// Control characters of the message are shown as `?`, so that it is one line whatever the file
/// held.
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(oneLine(message));
    }

    public ConfigException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    private static String oneLine(String message) {
        return message.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
    }
}
