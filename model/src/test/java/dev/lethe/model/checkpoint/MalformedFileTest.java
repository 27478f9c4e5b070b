package dev.lethe.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Every malformed file is refused in one line that names the file and what is wrong with it.
class MalformedFileTest {
    @TempDir private Path directory;

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
                .formatted(name, dtype, shape, offsets);
    }

    private static Arguments wrong(String what, int dataBytes, String header, String... words) {
        return arguments(what, dataBytes, header, List.of(words));
    }

    static Stream<Arguments> headers() {
        String a = tensor("a", "F32", "[2]", "[0,8]");
        String huge = "9223372036854775807";
        return Stream.of(
                wrong("empty header", 0, "", "header", "starts with `{`", "nothing"),
                wrong("leading space", 8, " {" + a + "}", "header", "starts with `{`", "` `"),
                wrong("an array", 8, "[1]", "header", "JSON object", "`[`"),
                wrong("cut JSON", 8, "{" + a, "header", "expected valid JSON"),
                wrong("broken JSON", 8, "{\"a\":{,}", "header", "expected valid JSON"),
                wrong("trailing object", 8, "{" + a + "}{}", "only spaces", "an object"),
                wrong("trailing nul", 8, "{" + a + "}\0", "header", "expected valid JSON"),
                wrong("duplicate name", 8, "{" + a + "," + a + "}", "header", "duplicate key `a`"),
                wrong(
                        "duplicate escaped name",
                        8,
                        "{" + a + "," + tensor("\\u0061", "F32", "[2]", "[0,8]") + "}",
                        "duplicate key `a`"),
                wrong(
                        "duplicate inner key",
                        8,
                        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}",
                        "tensor `a`",
                        "duplicate key `dtype`"),
                wrong(
                        "duplicate metadata",
                        0,
                        "{\"__metadata__\":{},\"__metadata__\":{}}",
                        "duplicate key `__metadata__`"),
                wrong(
                        "duplicate metadata key",
                        0,
                        "{\"__metadata__\":{\"k\":\"v\",\"k\":\"v\"}}",
                        "__metadata__",
                        "duplicate key `k`"),
                wrong(
                        "metadata number",
                        0,
                        "{\"__metadata__\":{\"k\":1}}",
                        "__metadata__ key `k`",
                        "expected a string",
                        "got 1"),
                wrong("metadata list", 0, "{\"__metadata__\":[]}", "of strings", "an array"),
                wrong("metadata null", 0, "{\"__metadata__\":null}", "object of strings", "null"),
                wrong("entry is a number", 8, "{\"a\":3}", "tensor `a`", "expected an object", "3"),
                wrong(
                        "unknown dtype",
                        8,
                        "{" + tensor("a", "F8_E4M3", "[8]", "[0,8]") + "}",
                        "tensor `a`",
                        "unknown dtype `F8_E4M3`",
                        "[F64, F32, BF16, F16, I64, I32]"),
                wrong(
                        "dtype of wrong case",
                        8,
                        "{" + tensor("a", "f32", "[2]", "[0,8]") + "}",
                        "unknown dtype `f32`"),
                wrong(
                        "dtype is a number",
                        8,
                        "{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}",
                        "tensor `a`: dtype",
                        "expected a string"),
                wrong(
                        "no dtype",
                        8,
                        "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}",
                        "expected dtype, shape, data_offsets",
                        "got [shape, data_offsets]"),
                wrong(
                        "no offsets",
                        8,
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
                        "expected dtype, shape, data_offsets",
                        "got [dtype, shape]"),
                wrong(
                        "no shape",
                        8,
                        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}",
                        "got [dtype, data_offsets]"),
                wrong(
                        "unknown key",
                        8,
                        "{\"a\":{\"dtype\":\"F32\",\"strides\":[1]}}",
                        "tensor `a`",
                        "unknown key `strides`"),
                wrong(
                        "shape is a string",
                        8,
                        "{" + tensor("a", "F32", "\"2\"", "[0,8]") + "}",
                        "tensor `a`: shape",
                        "array of integers"),
                wrong(
                        "fractional dimension",
                        8,
                        "{" + tensor("a", "F32", "[2.0]", "[0,8]") + "}",
                        "tensor `a`: shape",
                        "integers of 64 bits",
                        "2.0"),
                wrong(
                        "dimension above 64 bits",
                        8,
                        "{" + tensor("a", "F32", "[18446744073709551616]", "[0,8]") + "}",
                        "tensor `a`: shape",
                        "integers of 64 bits"),
                wrong(
                        "negative dimension",
                        8,
                        "{" + tensor("a", "F32", "[-2]", "[0,8]") + "}",
                        "tensor `a`",
                        "shape [-2]",
                        "negative dimension"),
                wrong(
                        "two negative dimensions",
                        8,
                        "{" + tensor("a", "F32", "[-2,-1]", "[0,8]") + "}",
                        "negative dimension"),
                wrong(
                        "overflowing shape",
                        8,
                        "{" + tensor("a", "F32", "[4294967296,4294967296]", "[0,0]") + "}",
                        "tensor `a`",
                        "overflows 64 bits"),
                wrong(
                        "overflow by the dtype",
                        8,
                        "{" + tensor("a", "F64", "[" + huge + "]", "[0,8]") + "}",
                        "overflows 64 bits"),
                wrong(
                        "one offset",
                        8,
                        "{" + tensor("a", "F32", "[2]", "[0]") + "}",
                        "data_offsets",
                        "expected [begin, end]",
                        "got [0]"),
                wrong(
                        "negative offset",
                        8,
                        "{" + tensor("a", "F32", "[2]", "[-8,0]") + "}",
                        "data_offsets [-8, 0]",
                        "0 <= begin <= end"),
                wrong(
                        "begin after end",
                        8,
                        "{" + tensor("a", "F32", "[2]", "[8,0]") + "}",
                        "data_offsets [8, 0]",
                        "0 <= begin <= end"),
                wrong(
                        "size mismatch",
                        8,
                        "{" + tensor("a", "F32", "[3]", "[0,8]") + "}",
                        "tensor `a`: F32 [3] takes 12 bytes",
                        "hold 8"),
                wrong(
                        "overlap",
                        12,
                        "{" + a + "," + tensor("b", "F32", "[2]", "[4,12]") + "}",
                        "tensor `b`: overlap with tensor `a`",
                        "byte 8, got 4"),
                wrong(
                        "same place twice",
                        8,
                        "{" + a + "," + tensor("b", "F32", "[2]", "[0,8]") + "}",
                        "overlap"),
                wrong(
                        "gap at the start",
                        12,
                        "{" + tensor("a", "F32", "[2]", "[4,12]") + "}",
                        "tensor `a`: gap with the header",
                        "byte 0, got 4"),
                wrong(
                        "gap between",
                        20,
                        "{" + a + "," + tensor("b", "F32", "[2]", "[12,20]") + "}",
                        "tensor `b`: gap with tensor `a`",
                        "byte 8, got 12"),
                wrong("gap at the end", 9, "{" + a + "}", "at the end", "take 8 bytes", "got 9"),
                wrong("data without tensors", 1, "{}", "gap at the end", "take 0 bytes", "got 1"),
                wrong("truncated data", 7, "{" + a + "}", "truncated", "byte 8", "got 7 bytes"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("headers")
    void refusesHeader(String what, int dataBytes, String header, List<String> words)
            throws IOException {
        Path file = directory.resolve(what.replace(' ', '-') + ".safetensors");
        assertRefused(RawFiles.write(file, header, dataBytes), words);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void refusesFileShorterThanALength(int bytes) throws IOException {
        Path file = Files.write(directory.resolve("short.safetensors"), new byte[bytes]);
        assertRefused(file, List.of("at least the 8 bytes", "got " + bytes));
    }

    @ParameterizedTest
    @ValueSource(longs = {100_000_001L, Long.MAX_VALUE, -1L})
    void refusesHugeHeader(long length) throws IOException {
        assertRefused(
                withLength(length),
                List.of("at most 100000000 bytes", "got length " + Long.toUnsignedString(length)));
    }

    @Test
    void refusesHeaderBeyondTheFile() throws IOException {
        assertRefused(withLength(9), List.of("header of 9 bytes", "beyond the file of 16 bytes"));
    }

    @Test
    void refusesHeaderThatIsNotUtf8() throws IOException {
        byte[] header = "{\"?\":1}".getBytes(StandardCharsets.US_ASCII);
        header[2] = (byte) 0xC3;
        Path file = RawFiles.write(directory.resolve("latin.safetensors"), header, new byte[0]);
        assertRefused(file, List.of("header", "expected UTF-8"));
    }

    @Test
    void refusesEveryTruncationOfAGoodFile() throws IOException {
        Path good = RawFiles.zeros(directory.resolve("good.safetensors"), "a", 3);
        byte[] bytes = Files.readAllBytes(good);
        SafeTensors.open(good).close();
        for (int length = 0; length < bytes.length; length++) {
            Path cut = directory.resolve("cut.safetensors");
            Files.write(cut, Arrays.copyOf(bytes, length));
            assertThrows(CheckpointException.class, () -> SafeTensors.open(cut).close());
        }
    }

    @Test
    void refusesMissingFileAndDirectory() {
        assertRefused(
                directory.resolve("none.safetensors"),
                List.of("cannot read", "NoSuchFileException", "check the path"));
        assertRefused(directory, List.of("cannot read", "check the path"));
    }

    @Test
    void messageStaysOneLineWhateverTheNameHolds() throws IOException {
        Path file =
                RawFiles.write(
                        directory.resolve("lines.safetensors"),
                        "{\"a\\nb\\u2028c\\u001b[1m\":3}",
                        0);
        assertRefused(file, List.of("tensor `a?b?c?[1m`"));
    }

    private Path withLength(long length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(
                directory.resolve("length.safetensors"),
                bytes.putLong(length).put("{}      ".getBytes(StandardCharsets.US_ASCII)).array());
    }

    private static void assertRefused(Path file, List<String> words) {
        String message =
                assertThrows(CheckpointException.class, () -> SafeTensors.open(file).close())
                        .getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        assertEquals(1, message.lines().count(), message);
        assertFalse(message.isBlank());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "`%s` lacks `%s`".formatted(message, word));
        }
    }
}
