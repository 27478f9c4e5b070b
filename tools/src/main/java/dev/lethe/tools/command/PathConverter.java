package dev.lethe.tools.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads a path of the command line; an empty one, which Java takes for the working directory, is
/// refused.
public final class PathConverter implements ITypeConverter<Path> {
    @Override
    public Path convert(String value) {
        if (value.isEmpty()) {
            throw new TypeConversionException("expected a path, got an empty one; name one");
        }
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(
                    "expected a path, got %s (%s); correct it"
                            .formatted(e.getInput().replace('\0', '?'), e.getReason()));
        }
    }
}
