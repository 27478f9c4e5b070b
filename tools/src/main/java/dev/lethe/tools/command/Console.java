package dev.lethe.tools.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/// Where a command writes: results on standard output, all else on standard error.
///
/// With `--json` standard output is exactly one JSON object: [#line] is then silent, and [#json] is
/// silent without it.
public final class Console {
    private static final JsonMapper JSON = new JsonMapper();

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final boolean quiet;

    Console(PrintWriter out, PrintWriter err, CommonOptions options) {
        this.out = out;
        this.err = err;
        this.json = options.json();
        this.quiet = options.quiet();
    }

    /// Whether the result is asked for as JSON.
    public boolean isJson() {
        return json;
    }

    /// A line of the result for people, with a decimal point in every locale.
    public void line(String format, Object... values) {
        if (!json) {
            out.println(String.format(Locale.ROOT, format, values));
        }
    }

    /// The whole result for programs.
    ///
    /// @param result what Jackson writes as one object: a record or a map
    public void json(Object result) {
        if (json) {
            try {
                out.println(JSON.writeValueAsString(result));
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// A line on standard error about what goes on; silent when `--quiet`.
    public void note(String format, Object... values) {
        if (!quiet) {
            err.println("lethe: " + String.format(Locale.ROOT, format, values));
        }
    }

    /// A line on standard error about what may not be as meant; silent when `--quiet`.
    public void warn(String format, Object... values) {
        note("warning: " + format, values);
    }
}
