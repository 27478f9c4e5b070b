package dev.lethe.model.gemma2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Logits of new tokens on a cache are those of a pass over everything, also when the sequence is
/// longer than the sliding window.
class KvCacheTest {
    private static final int ROWS = 2;
    private static final int TOKENS = 9;

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Batch batch = TinyGemma2.batch(4, TOKENS, TOKENS, TOKENS);

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    static Stream<Arguments> chunks() {
        return Stream.of(
                        List.of(1, 1, 1, 1, 1, 1, 1, 1, 1),
                        List.of(5, 1, 1, 1, 1),
                        List.of(2, 3, 4),
                        List.of(1, 7, 1),
                        List.of(9))
                .flatMap(
                        sizes ->
                                Stream.of(1, 3, 8, 4096)
                                        .map(window -> Arguments.of(sizes, window)));
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void givesTheLogitsOfAWholePass(List<Integer> sizes, int window) {
        Gemma2Config config = TinyGemma2.CONFIG.toBuilder().slidingWindow(window).build();
        try (Gemma2 weights = TinyGemma2.random(backend, DType.F64, 6);
                KvCache cache = new KvCache(config.layers())) {
            Gemma2 model = new Gemma2(config, weights.parameters());
            double[] whole = logits(model, batch.ids(), TOKENS);
            int vocabulary = config.vocabSize();
            int seen = 0;
            for (int size : sizes) {
                int[] fresh = columns(seen, seen + size);
                seen += size;
                double[] next;
                try (TensorArena _ = backend.openStep()) {
                    Tensor ids = Tensor.ofInts(Shape.of(ROWS, size), fresh);
                    Tensor logits = model.nextLogits(ids, cache);
                    assertEquals(Shape.of(ROWS, vocabulary), logits.shape());
                    next = logits.toDoubles();
                }
                assertEquals(seen, cache.length());
                for (int r = 0; r < ROWS; r++) {
                    int at = (r * TOKENS + seen - 1) * vocabulary;
                    assertArrayEquals(
                            Arrays.copyOfRange(whole, at, at + vocabulary),
                            Arrays.copyOfRange(next, r * vocabulary, (r + 1) * vocabulary),
                            1e-12,
                            "row " + r + " after " + seen);
                }
            }
        }
    }

    private double[] logits(Gemma2 model, int[] ids, int tokens) {
        try (TensorArena _ = backend.openStep()) {
            Tensor whole = Tensor.ofInts(Shape.of(ROWS, tokens), ids);
            return model.head(model.forward(whole).lastHidden()).logits().toDoubles();
        }
    }

    private int[] columns(int from, int to) {
        int[] columns = new int[ROWS * (to - from)];
        for (int r = 0; r < ROWS; r++) {
            System.arraycopy(
                    batch.ids(), r * TOKENS + from, columns, r * (to - from), to - from);
        }
        return columns;
    }

    @Test
    void holdsOneArenaALayerUntilItIsClosed() {
        try (Gemma2 model = TinyGemma2.random(backend, DType.F32, 6)) {
            KvCache cache = new KvCache(model.config().layers());
            assertEquals(0, cache.length());
            for (int t = 0; t < 4; t++) {
                try (TensorArena _ = backend.openStep()) {
                    model.nextLogits(
                            Tensor.ofInts(Shape.of(ROWS, 1), columns(t, t + 1)), cache);
                }
                assertEquals(1 + model.config().layers(), backend.memory().openArenas());
            }
            cache.close();
            assertEquals(1, backend.memory().openArenas());
            assertEquals(0, cache.length());
        }
    }

    @Test
    void windowAndPositionMatter() {
        // Guards the test above: other windows and other pasts give other logits.
        try (Gemma2 narrow = TinyGemma2.random(backend, DType.F64, 6)) {
            Gemma2Config config = TinyGemma2.CONFIG.toBuilder().slidingWindow(8).build();
            Gemma2 wide = new Gemma2(config, narrow.parameters());
            double[] one = logits(narrow, batch.ids(), TOKENS);
            double[] other = logits(wide, batch.ids(), TOKENS);
            double[] part = logits(narrow, columns(4, TOKENS), TOKENS - 4);
            int last = one.length - 1;
            assertTrue(Math.abs(one[last] - other[last]) > 1e-6, "window");
            assertTrue(Math.abs(one[last] - part[part.length - 1]) > 1e-6, "past");
        }
    }
}
