package dev.lethe.bench.results;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The files of a directory of results, one a benchmark class; rows are only ever appended.
///
/// @param directory made when the first row is written
public record ResultFiles(Path directory) {
    /// Appends rows, each with its per cent of the ceiling.
    public void append(List<Row> rows, Ceilings ceilings) {
        for (Row row : rows) {
            appendLine(row.type(), Row.HEADER, row.csv(ceilings));
        }
    }

    /// Appends a line to `NAME.csv`, which begins with the header.
    ///
    /// @throws IllegalArgumentException where the file begins with another
    public void appendLine(String name, String header, String line) {
        Path file = directory.resolve(name + ".csv");
        try {
            Files.createDirectories(directory);
            if (!Files.exists(file)) {
                Files.writeString(file, header + "\n");
            }
            requireHeader(file, header);
            Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All rows of one benchmark class, oldest first; none where nothing was measured.
    public List<Row> read(String name) {
        List<Row> rows = new ArrayList<>();
        for (String line : lines(name, Row.HEADER)) {
            rows.add(Row.parse(line));
        }
        return rows;
    }

    /// The lines of `NAME.csv` below its header.
    public List<String> lines(String name, String header) {
        Path file = directory.resolve(name + ".csv");
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            requireHeader(file, header);
            return Files.readAllLines(file).stream().skip(1).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The benchmark classes that have been measured.
    public List<String> names() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Benchmark.csv"))
                    .map(name -> name.substring(0, name.length() - ".csv".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireHeader(Path file, String header) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            String found = lines.findFirst().orElse("");
            if (!found.equals(header)) {
                throw new IllegalArgumentException(
                        "%s: expected the header `%s`, got `%s`; move that file away"
                                .formatted(file, header, found));
            }
        }
    }
}
