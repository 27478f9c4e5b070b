package dev.lethe.model.data.text;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnSchema;
import dev.lethe.model.data.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// Documents from one column of a Parquet file, such as FineWeb's shards are: a text a row, not
/// compressed or by gzip, Snappy or Zstandard. Read in batches, so a file may be of any length.
public final class ParquetText {
    private static final String MAGIC = "PAR1";

    private ParquetText() {}

    /// Hands every row's text to `documents`, in order.
    ///
    /// @param column of strings, none of them null
    /// @return how many there were, at least 1
    /// @throws DataException for a file that cannot be read, another column, or no row
    public static long read(Path file, String column, Consumer<String> documents) {
        requireParquet(file);
        try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
            requireStrings(file, column, reader.getFileSchema().getColumns());
            try (ColumnReader texts = reader.columnReader(column)) {
                return read(file, texts, documents);
            }
        } catch (DataException e) {
            throw e;
        } catch (NoClassDefFoundError e) { // the offline bundle, which must be small
            throw new DataException(
                    "%s: expected the libraries that read it, got a bundle without; use a whole build"
                            .formatted(file),
                    e);
        } catch (IOException | RuntimeException e) {
            throw unreadable(file, e);
        }
    }

    private static long read(Path file, ColumnReader texts, Consumer<String> documents) {
        long count = 0;
        while (texts.nextBatch()) {
            String[] batch = texts.getStrings();
            for (int i = 0; i < texts.getRecordCount(); i++) {
                count++;
                if (batch[i] == null) {
                    throw new DataException(
                            "%s: row %d: expected a text, got null; drop the row"
                                    .formatted(file, count));
                }
                documents.accept(batch[i]);
            }
        }
        if (count == 0) {
            throw new DataException(
                    "%s: expected at least one row, got none; give a file with text"
                            .formatted(file));
        }
        return count;
    }

    private static void requireParquet(Path file) {
        byte[] head;
        try (var in = Files.newInputStream(file)) {
            head = in.readNBytes(MAGIC.length());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (!Arrays.equals(head, MAGIC.getBytes(StandardCharsets.US_ASCII))) {
            throw new DataException(
                    "%s: expected a Parquet file, got one that does not begin with %s; for JSON lines use lethe data text"
                            .formatted(file, MAGIC));
        }
    }

    private static void requireStrings(Path file, String column, List<ColumnSchema> columns) {
        ColumnSchema found =
                columns.stream()
                        .filter(it -> it.fieldPath().toString().equals(column))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new DataException(
                                                "%s: expected a column %s, got %s; name one with --column"
                                                        .formatted(file, column, names(columns))));
        if (found.type() != PhysicalType.BYTE_ARRAY || found.maxRepetitionLevel() > 0) {
            throw new DataException(
                    "%s: column %s: expected one string a row, got %s%s; name another with --column"
                            .formatted(
                                    file,
                                    column,
                                    found.maxRepetitionLevel() > 0 ? "lists of " : "",
                                    found.type()));
        }
    }

    private static List<String> names(List<ColumnSchema> columns) {
        return columns.stream().map(it -> it.fieldPath().toString()).toList();
    }

    private static DataException unreadable(Path file, Exception e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new DataException(
                "%s: expected a readable Parquet file, got: %s; check path and rights, or fetch it again"
                        .formatted(
                                file,
                                e instanceof NoSuchFileException
                                        ? "no such file"
                                        : reason.lines().findFirst().orElse("no reason")),
                e);
    }
}
