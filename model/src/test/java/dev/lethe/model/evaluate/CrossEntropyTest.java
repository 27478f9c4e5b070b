package dev.lethe.model.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.AttentionKind;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Cross-entropy of a tiny model against `-log softmax` of its logits in plain loops.
class CrossEntropyTest {
    private static final int VOCABULARY = 11;
    private static final Gemma2Config TINY =
            Gemma2Config.builder()
                    .vocabSize(VOCABULARY)
                    .hiddenSize(8)
                    .intermediateSize(16)
                    .layerKinds(List.of(AttentionKind.FULL))
                    .heads(2)
                    .kvHeads(1)
                    .headDim(4)
                    .queryPreAttnScalar(4)
                    .maxPositions(64)
                    .build();

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void nothingLeaks() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    /// Rows of 40 tokens and of uneven lengths, enough for several passes.
    private static Batch batch() {
        PhiloxStream random = new PhiloxStream(1, Purpose.PROBE, 0);
        int rows = 60;
        int tokens = 40;
        int[] ids = new int[rows * tokens];
        int[] lengths = new int[rows];
        for (int r = 0; r < rows; r++) {
            lengths[r] = r == 7 ? 1 : 1 + random.below(r, tokens);
            for (int t = 0; t < lengths[r]; t++) {
                ids[r * tokens + t] = random.below(1000 + r * tokens + t, VOCABULARY);
            }
        }
        return Batch.shifted(rows, tokens, ids, lengths);
    }

    private static Gemma2 model(ReferenceBackend backend) {
        Gemma2 model = Gemma2.allocate(TINY, backend, DType.F64);
        Initialization.randomize(model, 42);
        return model;
    }

    private double expected(Gemma2 model, Batch batch) {
        double total = 0;
        try (TensorArena _ = backend.openStep()) {
            Tensor ids = Tensor.ofInts(Shape.of(batch.rows(), batch.tokens()), batch.ids());
            Tensor hidden = Recording.off(() -> model.forward(ids).lastHidden());
            double[] logits = Recording.off(() -> model.head(hidden).logits()).toDoubles();
            for (int i = 0; i < batch.targets().length; i++) {
                if (batch.targets()[i] >= 0) {
                    double sum = 0;
                    for (int v = 0; v < VOCABULARY; v++) {
                        sum += Math.exp(logits[i * VOCABULARY + v]);
                    }
                    total += Math.log(sum) - logits[i * VOCABULARY + batch.targets()[i]];
                }
            }
        }
        return total / batch.targetCount();
    }

    @Test
    void isTheMeanOverTargetsWhateverTheThreads() {
        Batch batch = batch();
        try (Gemma2 model = model(backend);
                Workers one = new Workers(1);
                Workers three = new Workers(3)) {
            double nats = new CrossEntropy(batch).of(model, one);
            assertEquals(expected(model, batch), nats, 1e-12);
            assertEquals(nats, new CrossEntropy(batch).of(model, three));
            assertTrue(Math.abs(nats - Math.log(VOCABULARY)) < 0.1, "got " + nats);
        }
    }

    @Test
    void refusesTextWithoutTargets() {
        Batch none = Batch.shifted(2, 3, new int[6], new int[] {1, 0});
        assertThrows(IllegalArgumentException.class, () -> new CrossEntropy(none));
    }
}
