package dev.lethe.tools.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Reads a word of the command line as a constant of an enum, whose words are its names in lower
/// case, with `-` for `_`.
///
/// @param <E> the enum
public abstract class WordConverter<E extends Enum<E>> implements ITypeConverter<E> {
    private final Class<E> type;

    protected WordConverter(Class<E> type) {
        this.type = type;
    }

    /// The word for a constant.
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// All words of an enum, for people.
    public static String words(Class<? extends Enum<?>> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(WordConverter::word)
                .collect(Collectors.joining(", "));
    }

    @Override
    public final E convert(String value) {
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(value)) {
                return constant;
            }
        }
        List<String> words =
                Arrays.stream(type.getEnumConstants()).map(WordConverter::word).toList();
        throw new TypeConversionException(
                "expected %s, got %s%s"
                        .formatted(
                                String.join(" or ", words),
                                value,
                                Nearest.suggestion(value, words)));
    }
}
