package dev.lethe.tools.command;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;

/// `--parameters`: which of a file's or a model's tensors.
public final class NameFilter {
    @Option(
            names = "--parameters",
            paramLabel = "REGEX",
            description = "Only parameters whose whole name matches (default: all).")
    private String parameters;

    /// What is no regular expression is known before any work.
    public void check() {
        pattern();
    }

    private Pattern pattern() {
        try {
            return Pattern.compile(parameters == null ? ".*" : parameters);
        } catch (PatternSyntaxException e) {
            throw new RefusedException(
                    "--parameters: expected a regular expression, got %s (%s at %d); correct it"
                            .formatted(parameters, e.getDescription(), e.getIndex()),
                    e);
        }
    }

    /// Those that match, in their order.
    ///
    /// @throws RefusedException where none does
    public List<String> select(List<String> names) {
        Pattern pattern = pattern();
        List<String> selected =
                names.stream().filter(name -> pattern.matcher(name).matches()).toList();
        if (selected.isEmpty()) {
            throw new RefusedException(
                    ("--parameters: expected a pattern of a whole name such as %s, got %s, which"
                                    + " matches none; add .* where more may stand")
                            .formatted(names.isEmpty() ? "none" : names.getLast(), parameters));
        }
        return selected;
    }
}
