package dev.lethe.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Reading of well-formed files: names, shapes, element types and their conversions.
class SafeTensorsTest {
    @TempDir private Path directory;

    private SafeTensors open(String dtype, int count, ByteBuffer data) throws IOException {
        // The name's odd length leaves the data unaligned.
        String header =
                "{\"odd\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                        .formatted(dtype, count, data.position());
        byte[] bytes = Arrays.copyOf(data.array(), data.position());
        return SafeTensors.open(
                RawFiles.write(
                        directory.resolve(dtype + ".safetensors"),
                        header.getBytes(StandardCharsets.UTF_8),
                        bytes));
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void readsF64() throws IOException {
        double[] values = {
            0.1, -0.0, Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY, 1e300
        };
        ByteBuffer data = buffer();
        for (double value : values) data.putDouble(value);
        try (SafeTensors file = open("F64", values.length, data)) {
            assertArrayEquals(values, file.toDoubles("odd"));
            float[] floats = {
                0.1f, -0.0f, 0f, Float.NaN, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY
            };
            assertArrayEquals(floats, file.toFloats("odd"));
        }
    }

    @Test
    void readsF32() throws IOException {
        float[] values = {0.1f, -0f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY};
        ByteBuffer data = buffer();
        for (float value : values) data.putFloat(value);
        try (SafeTensors file = open("F32", values.length, data)) {
            assertArrayEquals(values, file.toFloats("odd"));
            double[] doubles = {0.1f, -0.0, Float.MIN_VALUE, Double.NaN, Double.NEGATIVE_INFINITY};
            assertArrayEquals(doubles, file.toDoubles("odd"));
        }
    }

    @Test
    void readsBfloat16() throws IOException {
        // 1, -2, 3.140625, smallest subnormal, infinity, NaN
        int[] bits = {0x3F80, 0xC000, 0x4049, 0x0001, 0x7F80, 0x7FC0};
        float[] values = {1f, -2f, 3.140625f, 0x1p-133f, Float.POSITIVE_INFINITY, Float.NaN};
        assertSixteenBits("BF16", bits, values);
    }

    @Test
    void readsFloat16() throws IOException {
        // 1, -2, 0.333251953125, smallest subnormal, largest finite, infinity, NaN
        int[] bits = {0x3C00, 0xC000, 0x3555, 0x0001, 0x7BFF, 0xFC00, 0x7E00};
        float[] values = {
            1f, -2f, 0.333251953125f, 0x1p-24f, 65504f, Float.NEGATIVE_INFINITY, Float.NaN
        };
        assertSixteenBits("F16", bits, values);
    }

    private void assertSixteenBits(String dtype, int[] bits, float[] values) throws IOException {
        ByteBuffer data = buffer();
        for (int value : bits) data.putShort((short) value);
        try (SafeTensors file = open(dtype, bits.length, data)) {
            assertArrayEquals(values, file.toFloats("odd"));
            double[] doubles = new double[values.length];
            for (int i = 0; i < values.length; i++) doubles[i] = values[i];
            assertArrayEquals(doubles, file.toDoubles("odd"));
            assertWords(
                    () -> file.toInts("odd"), "tensor `odd`", "expected integers", "got " + dtype);
        }
    }

    @Test
    void readsI64() throws IOException {
        ByteBuffer data = buffer();
        data.putLong(0).putLong(Integer.MAX_VALUE).putLong(Integer.MIN_VALUE).putLong(-1);
        try (SafeTensors file = open("I64", 4, data)) {
            assertArrayEquals(
                    new int[] {0, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}, file.toInts("odd"));
            assertArrayEquals(
                    new double[] {0, Integer.MAX_VALUE, Integer.MIN_VALUE, -1},
                    file.toDoubles("odd"));
            assertArrayEquals(new float[] {0, 0x1p31f, -0x1p31f, -1}, file.toFloats("odd"));
        }
    }

    @Test
    void refusesI64ThatDoesNotFit() throws IOException {
        for (long value : new long[] {1L << 31, -(1L << 31) - 1, 1L << 32}) {
            try (SafeTensors file = open("I64", 2, buffer().putLong(5).putLong(value))) {
                assertWords(
                        () -> file.toInts("odd"),
                        "tensor `odd`",
                        "element 1 is " + value,
                        "32 bits");
            }
        }
    }

    @Test
    void readsI32() throws IOException {
        try (SafeTensors file = open("I32", 2, buffer().putInt(Integer.MIN_VALUE).putInt(7))) {
            assertArrayEquals(new int[] {Integer.MIN_VALUE, 7}, file.toInts("odd"));
            assertArrayEquals(new double[] {Integer.MIN_VALUE, 7}, file.toDoubles("odd"));
            assertArrayEquals(new float[] {-0x1p31f, 7}, file.toFloats("odd"));
        }
    }

    @Test
    void copiesIntoMemoryOfTheRightSizeOnly() throws IOException {
        try (SafeTensors file = open("F32", 2, buffer().putFloat(1.5f).putFloat(-2f));
                Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(16, 64);
            file.entry("odd").copyTo(ElementType.F64, out);
            assertEquals(1.5, out.getAtIndex(ValueLayout.JAVA_DOUBLE, 0));
            assertEquals(-2, out.getAtIndex(ValueLayout.JAVA_DOUBLE, 1));
            Entry entry = file.entry("odd");
            assertThrows(IllegalArgumentException.class, () -> entry.copyTo(ElementType.F32, out));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> entry.copyTo(ElementType.F16, out.asSlice(0, 4)));
        }
    }

    /// To BF16 in one rounding, and from BF16 bit for bit, the payload of NaN included.
    @Test
    void copiesToBfloat16() throws IOException {
        double tie = 1 + 0x1p-8; // between 1 and the next number of BF16
        ByteBuffer f64 = buffer().putDouble(tie).putDouble(tie + 0x1p-40);
        assertBfloat16(f64, "F64", 0x3F80, 0x3F81);
        assertBfloat16(buffer().putFloat((float) tie).putFloat(-2f), "F32", 0x3F80, 0xC000);
        ByteBuffer bf16 = buffer().putShort((short) 0x7F81).putShort((short) 0x8001);
        assertBfloat16(bf16, "BF16", 0x7F81, 0x8001);
        ByteBuffer f16 = buffer().putShort((short) 0x3C01).putShort((short) 0x8000);
        assertBfloat16(f16, "F16", 0x3F80, 0x8000); // 1 + 2^-10 and -0
    }

    private void assertBfloat16(ByteBuffer stored, String dtype, int... expected)
            throws IOException {
        try (SafeTensors file = open(dtype, 2, stored);
                Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(4, 64);
            file.entry("odd").copyTo(ElementType.BF16, out);
            for (int i = 0; i < 2; i++) {
                int bits = Short.toUnsignedInt(out.getAtIndex(ValueLayout.JAVA_SHORT, i));
                assertEquals(expected[i], bits, dtype + " " + i);
            }
        }
    }

    @Test
    void acceptsPaddingUnicodeScalarsAndEmptyTensors() throws IOException {
        String header =
                """
                {"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[4,4]},\
                "한글 \\"q\\"":{"data_offsets":[0,4],"shape":[],"dtype":"I32"},\
                "__metadata__":{"format":"pt","note":"é"}}      \
                """;
        Path path = RawFiles.write(directory.resolve("odd.safetensors"), header, 4);
        try (SafeTensors file = SafeTensors.open(path)) {
            assertEquals(List.of("한글 \"q\"", "empty"), file.names());
            assertEquals(Map.of("format", "pt", "note", "é"), file.metadata());
            assertEquals(List.of(), file.entry("한글 \"q\"").shape());
            assertArrayEquals(new int[] {0}, file.toInts("한글 \"q\""));
            assertEquals(List.of(0L, 3L), file.entry("empty").shape());
            assertEquals(0, file.toFloats("empty").length);
            assertTrue(file.contains("empty"));
            assertFalse(file.contains("__metadata__"));
        }
    }

    @Test
    void acceptsAFileWithoutTensors() throws IOException {
        try (SafeTensors file =
                SafeTensors.open(RawFiles.write(directory.resolve("none.safetensors"), "{}", 0))) {
            assertEquals(List.of(), file.names());
            assertEquals(Map.of(), file.metadata());
        }
    }

    @Test
    void namesTheMissingAndTheMisshapen() throws IOException {
        Path path = RawFiles.zeros(directory.resolve("a.safetensors"), "a", 3);
        try (SafeTensors file = SafeTensors.open(path)) {
            assertEquals(3, file.entry("a", List.of(3L)).elements());
            assertWords(
                    () -> file.entry("b"), path.toString(), "expected a tensor `b`", "1 others");
            assertWords(
                    () -> file.entry("a", List.of(1L, 3L)),
                    path.toString(),
                    "tensor `a`",
                    "expected shape [1, 3], got [3]");
        }
    }

    @Test
    void entriesEndWithTheFileAndAreReadOnly() throws IOException {
        SafeTensors file =
                SafeTensors.open(RawFiles.zeros(directory.resolve("a.safetensors"), "a", 3));
        Entry entry = file.entry("a");
        assertTrue(entry.bytes().isReadOnly());
        file.close();
        assertThrows(IllegalStateException.class, entry::toFloats);
    }

    private static void assertWords(Executable call, String... words) {
        String message = assertThrows(CheckpointException.class, call).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "`%s` lacks `%s`".formatted(message, word));
        }
    }
}
