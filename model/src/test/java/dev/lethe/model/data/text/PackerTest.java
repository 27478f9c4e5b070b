package dev.lethe.model.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.DataException;
import dev.lethe.model.data.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackerTest {
    private static final Tokenizer BYTES = new ByteTokenizer();

    @TempDir Path folder;

    private static List<String> texts(int count) {
        PhiloxStream random = new PhiloxStream(5, Purpose.PROBE, 0);
        return IntStream.range(0, count)
                .mapToObj(i -> "한a🦉".repeat(random.below(i, 9)) + i)
                .toList();
    }

    private static int[] stream(List<String> texts, boolean ends) {
        IntStream all = IntStream.empty();
        for (String text : texts) {
            all = IntStream.concat(all, IntStream.of(BYTES.bosId()));
            all = IntStream.concat(all, IntStream.of(BYTES.encode(text)));
            if (ends) {
                all = IntStream.concat(all, IntStream.of(BYTES.eosId()));
            }
        }
        return all.toArray();
    }

    private static int[] real(List<Windows> blocks) {
        return blocks.stream()
                .flatMapToInt(
                        block ->
                                IntStream.range(0, block.count())
                                        .flatMap(
                                                w ->
                                                        Arrays.stream(
                                                                block.ids(),
                                                                w * block.width(),
                                                                w * block.width()
                                                                        + block.lengths()[w])))
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "1, false, 1", "1, true, 3", "7, false, 1", "7, true, 4", "64, true, 1000", "5000, true, 2"
    })
    void windowsHoldEveryTokenExactlyOnce(int inputs, boolean ends, int windowsABlock) {
        List<String> texts = texts(40);
        List<Windows> blocks = new ArrayList<>();
        Packer packer = new Packer(BYTES, inputs, ends, windowsABlock, blocks::add);
        texts.forEach(packer::add);
        Packer.Counts counts = packer.finish();
        int[] stream = stream(texts, ends);
        assertArrayEquals(stream, real(blocks));
        assertEquals(40, counts.documents());
        assertEquals(stream.length, counts.tokens());
        assertEquals(blocks.stream().mapToLong(Windows::count).sum(), counts.windows());
        assertEquals(counts.windows() * (inputs + 1), counts.tokens() + counts.padding());
        assertTrue(counts.padding() <= inputs);
        for (Windows block : blocks.subList(0, blocks.size() - 1)) {
            assertEquals(windowsABlock, block.count());
        }
    }

    @Test
    void onlyTheLastWindowIsPadded() {
        Packer.Packed packed = Packer.pack(List.of("abcd", ""), BYTES, 3, false);
        assertArrayEquals(
                new int[] {2, 101, 102, 103, 104, 2, 0, 0}, packed.windows().ids());
        assertArrayEquals(new int[] {4, 2}, packed.windows().lengths());
        assertEquals(new Packer.Counts(2, 6, 2, 2), packed.counts());
        assertEquals(6, packed.windows().tokens());
    }

    @Test
    void aWindowPredictsAllButItsFirstToken() {
        Windows windows = Packer.pack(List.of("abcd", ""), BYTES, 3, false).windows();
        Batch batch = windows.batch();
        assertArrayEquals(new int[] {2, 101, 102, 104, 2, 0}, batch.ids());
        assertArrayEquals(new int[] {101, 102, 103, 2, -1, -1}, batch.targets());
        assertArrayEquals(new int[] {3, 2}, batch.lengths());
        assertArrayEquals(new int[] {104, 2, 0}, windows.batch(1).ids());
    }

    @Test
    void packingNothingIsAnError() {
        assertThrows(
                IllegalArgumentException.class, () -> Packer.pack(List.of(), BYTES, 8, false));
        assertThrows(
                IllegalArgumentException.class, () -> Packer.pack(List.of("a"), BYTES, 0, false));
        assertThrows(
                IllegalArgumentException.class, () -> Packer.pack(List.of("a"), BYTES, -1, false));
    }

    @Test
    void aShardKeepsItsWindows() {
        Windows windows = Packer.pack(texts(20), BYTES, 16, true).windows();
        Path file = folder.resolve("tokens.safetensors");
        TokenShard.write(file, windows);
        Windows read = TokenShard.read(file);
        assertEquals(windows.width(), read.width());
        assertArrayEquals(windows.ids(), read.ids());
        assertArrayEquals(windows.lengths(), read.lengths());
    }

    @Test
    void aFileThatIsNoShardIsRefused() {
        Path file = folder.resolve("tokens.safetensors");
        int[] values = {1, 2, 3, 4};
        SafeTensorsWriter.write(file, List.of(entry("ids", List.of(2L, 2L), values)));
        assertThrows(CheckpointException.class, () -> TokenShard.read(file));
        for (Entry lengths :
                List.of(
                        entry("lengths", List.of(4L), values),
                        entry("lengths", List.of(2L, 2L), values),
                        entry("lengths", List.of(2L), new int[] {2, 3}))) {
            SafeTensorsWriter.write(
                    file, List.of(entry("ids", List.of(2L, 2L), values), lengths));
            String message =
                    assertThrows(DataException.class, () -> TokenShard.read(file)).getMessage();
            assertTrue(message.startsWith(file + ": expected"), message);
        }
    }

    private static Entry entry(String name, List<Long> shape, int[] values) {
        return new Entry(name, ElementType.I32, shape, MemorySegment.ofArray(values));
    }
}
