package dev.lethe.tools.report.results;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Comma-separated values as we write them: a fixed header, no quotes, since no field can need
/// them.
public final class Csv {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");

    private Csv() {}

    static void requireName(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "%s: expected letters, digits, dot, dash or underscore, got '%s'; rename it"
                            .formatted(what, name));
        }
    }

    /// Reads every line after the header.
    ///
    /// @param source named in errors
    static <T> List<T> read(String source, String header, String text, Function<Line, T> row) {
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(header)) {
            throw new IllegalArgumentException(
                    "%s: expected the header %s, got %s; is it another file or version?"
                            .formatted(
                                    source,
                                    header,
                                    lines.isEmpty() ? "nothing" : "'" + lines.getFirst() + "'"));
        }
        if (!text.endsWith("\n")) { // a number that lost its last digits would still be one
            throw new IllegalArgumentException(
                    "%s: expected the last line to end, got '%s'; is the file cut short?"
                            .formatted(source, lines.getLast()));
        }
        List<String> names = List.of(header.split(","));
        List<T> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            String place = source + " line " + (i + 1);
            List<String> fields = List.of(lines.get(i).split(",", -1));
            if (fields.size() != names.size()) {
                throw new IllegalArgumentException(
                        "%s: expected %d fields, got %d; is the file cut short?"
                                .formatted(place, names.size(), fields.size()));
            }
            Line line = new Line(place, names, fields);
            try {
                rows.add(row.apply(line));
            } catch (BadField e) {
                throw e;
            } catch (IllegalArgumentException e) {
                throw new BadField(place + ": " + e.getMessage(), e);
            }
        }
        return rows;
    }

    /// Shortest decimal that reads back the same, without an exponent where that is not longer.
    public static String number(double value) {
        BigDecimal decimal = BigDecimal.valueOf(value).stripTrailingZeros();
        String plain = decimal.toPlainString();
        return plain.length() <= 24 ? plain : decimal.toString();
    }

    static String number(OptionalDouble value) {
        return value.isPresent() ? number(value.getAsDouble()) : "";
    }

    static String number(OptionalLong value) {
        return value.isPresent() ? Long.toString(value.getAsLong()) : "";
    }

    /// An error that already says where.
    private static final class BadField extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        BadField(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// Fields of a line by the names of the header.
    record Line(String place, List<String> names, List<String> fields) {
        String text(String name) {
            return fields.get(names.indexOf(name));
        }

        long whole(String name) {
            return parsed(name, "a whole number", Long::parseLong);
        }

        double real(String name) {
            return parsed(name, "a number", Double::parseDouble);
        }

        OptionalLong optionalWhole(String name) {
            return text(name).isEmpty() ? OptionalLong.empty() : OptionalLong.of(whole(name));
        }

        OptionalDouble optionalReal(String name) {
            return text(name).isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(real(name));
        }

        <T> T oneOf(String name, T[] all, Function<T, String> word) {
            return Arrays.stream(all)
                    .filter(each -> word.apply(each).equals(text(name)))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    bad(
                                            name,
                                            "one of "
                                                    + Arrays.stream(all)
                                                            .map(word)
                                                            .collect(Collectors.joining(", ")),
                                            null));
        }

        private <T> T parsed(String name, String expected, Function<String, T> parse) {
            try {
                return parse.apply(text(name));
            } catch (NumberFormatException e) {
                throw bad(name, expected, e);
            }
        }

        private BadField bad(String name, String expected, Throwable cause) {
            return new BadField(
                    "%s: %s: expected %s, got '%s'; run the experiment again or restore the file"
                            .formatted(place, name, expected, text(name)),
                    cause);
        }
    }
}
