package dev.lethe.model.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.data.DataException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Columns of files that pyarrow 25.0.1 wrote: 300 rows in groups of 128; three with a null; none.
class ParquetTextTest {
    @TempDir private Path folder;

    private static Path file(String name) throws URISyntaxException {
        return Path.of(ParquetTextTest.class.getResource(name).toURI());
    }

    private static List<String> read(Path file, String column) {
        List<String> all = new ArrayList<>();
        assertEquals(ParquetText.read(file, column, all::add), all.size());
        return all;
    }

    private static String text(int row) {
        return "row %d: 한국어 🦉\n%s".formatted(row, "again ".repeat(row % 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "zstd"})
    void handsOutEveryRowInOrder(String compression) throws Exception {
        Path file = file("texts-%s.parquet".formatted(compression));
        assertEquals(
                IntStream.range(0, 300).mapToObj(ParquetTextTest::text).toList(),
                read(file, "text"));
        assertEquals(Collections.nCopies(300, "same"), read(file, "twice"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "texts-none.parquet | none  | expected a column none, got [id, text, twice]",
                "texts-none.parquet | id    | expected one string a row, got INT64",
                "null.parquet       | text  | row 2: expected a text, got null",
                "empty.parquet      | text  | expected at least one row, got none",
            })
    void saysWhatIsWrong(String name, String column, String expected) throws Exception {
        assertRefused(file(name), column, expected);
    }

    @Test
    void listsAreNoTexts() throws Exception {
        assertRefused(
                file("null.parquet"), "words.list.element", "got lists of BYTE_ARRAY");
    }

    @Test
    void otherFilesAreNamed() throws Exception {
        Path lines = Files.writeString(folder.resolve("text.jsonl"), "{\"text\": \"a\"}\n");
        assertRefused(lines, "text", "does not begin with PAR1");
        assertRefused(folder.resolve("none"), "text", "no such file");
        byte[] whole = Files.readAllBytes(file("texts-zstd.parquet"));
        Path half = folder.resolve("half.parquet");
        Files.write(half, Arrays.copyOf(whole, whole.length / 2));
        assertRefused(half, "text", "expected a readable Parquet file");
    }

    private static void assertRefused(Path file, String column, String expected) {
        DataException refused =
                assertThrows(
                        DataException.class, () -> ParquetText.read(file, column, text -> {}));
        assertTrue(refused.getMessage().startsWith(file + ": "), refused.getMessage());
        assertTrue(refused.getMessage().contains(expected), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count(), refused.getMessage());
    }
}
