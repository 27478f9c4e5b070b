package dev.lethe.model.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import dev.lethe.model.gemma2.KvCache;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Generation on golden weights, whose sliding windows (8 and 7) the texts outgrow.
class GeneratorTest {
    private static final int[] PROMPT = {2, 17, 5, 60, 31, 8, 44, 9, 23, 71, 12};

    private static Path golden(String name) throws URISyntaxException {
        return Path.of(GeneratorTest.class.getResource("/golden/" + name).toURI());
    }

    @ParameterizedTest
    @ValueSource(strings = {"A_tiny", "B_wide"})
    void cachedLogitsAreThoseOfTheWholeText(String name) throws Exception {
        try (var backend = new ReferenceBackend();
                Gemma2 model = Gemma2Checkpoint.load(golden(name), backend, DType.F64);
                KvCache cache = new KvCache(model.config().layers())) {
            int seen = 0;
            for (int length : new int[] {3, 4, 5, 9, 10, 11}) { // several at once, and one by one
                int[] fresh = Arrays.copyOfRange(PROMPT, seen, length);
                double[] whole = lastLogits(model, Arrays.copyOf(PROMPT, length));
                try (TensorArena _ = backend.openStep()) {
                    Tensor ids = Tensor.ofInts(Shape.of(1, fresh.length), fresh);
                    assertArrayEquals(whole, model.nextLogits(ids, cache).toDoubles(), 1e-12);
                }
                seen = length;
                assertEquals(seen, cache.length());
            }
        }
    }

    private static double[] lastLogits(Gemma2 model, int[] text) {
        try (TensorArena _ = model.parameters().backend().openStep()) {
            Tensor ids = Tensor.ofInts(Shape.of(1, text.length), text);
            double[] logits = model.head(model.forward(ids).lastHidden()).logits().toDoubles();
            int vocabulary = model.config().vocabSize();
            return Arrays.copyOfRange(logits, logits.length - vocabulary, logits.length);
        }
    }

    @Test
    void greedyTakesTheLikeliestUntilTheEnd() throws Exception {
        try (var backend = new ReferenceBackend();
                Gemma2 model = Gemma2Checkpoint.load(golden("A_tiny"), backend, DType.F64)) {
            var found = new Generator(model, Sampling.GREEDY).generate(PROMPT, 20);
            int[] text = PROMPT;
            for (int id : found.ids()) {
                assertEquals(largest(lastLogits(model, text)), id);
                text = Arrays.copyOf(text, text.length + 1);
                text[text.length - 1] = id;
            }
            if (found.ended() == Generator.Ended.EOS) {
                assertEquals(model.config().eosIds().getFirst(), largest(lastLogits(model, text)));
            } else {
                assertEquals(20, found.ids().length);
            }
        }
    }

    @Test
    void endsWhereTheModelSaysSo() throws Exception {
        try (var backend = new ReferenceBackend()) {
            var config = Gemma2ConfigJson.read(golden("A_tiny"));
            int likeliest;
            try (Gemma2 model = load(config, backend)) {
                likeliest = largest(lastLogits(model, PROMPT));
            }
            int other = (likeliest + 1) % config.vocabSize();
            for (var ends : List.of(List.of(likeliest), List.of(other, likeliest))) {
                try (Gemma2 model = load(config.toBuilder().eosIds(ends).build(), backend)) {
                    var found = new Generator(model, Sampling.GREEDY).generate(PROMPT, 20);
                    assertEquals(Generator.Ended.EOS, found.ended());
                    assertEquals(0, found.ids().length);
                }
            }
            var endless = config.toBuilder().eosIds(List.of()).build();
            try (Gemma2 model = load(endless, backend)) {
                var found = new Generator(model, Sampling.GREEDY).generate(PROMPT, 3);
                assertEquals(Generator.Ended.LENGTH, found.ended());
                assertEquals(likeliest, found.ids()[0]);
            }
        }
    }

    @Test
    void neverOutgrowsTheModel() throws Exception {
        try (var backend = new ReferenceBackend()) {
            var config =
                    Gemma2ConfigJson.read(golden("A_tiny")).toBuilder().maxPositions(12).build();
            try (Gemma2 model = load(config, backend)) {
                Generator generator = new Generator(model, Sampling.GREEDY);
                assertTrue(generator.generate(PROMPT, 20).ids().length <= 1);
                int[] tooLong = new int[13];
                assertThrows(IllegalArgumentException.class, () -> generator.generate(tooLong, 1));
                assertThrows(
                        IllegalArgumentException.class, () -> generator.generate(new int[0], 1));
            }
        }
    }

    private static Gemma2 load(Gemma2Config config, ReferenceBackend backend)
            throws URISyntaxException {
        return Gemma2Checkpoint.load(golden("A_tiny"), config, backend, DType.F64);
    }

    private static int largest(double[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }
}
