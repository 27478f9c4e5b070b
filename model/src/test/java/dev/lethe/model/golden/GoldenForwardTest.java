package dev.lethe.model.golden;

import static dev.lethe.engine.autograd.MatMul.linear;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Rope.rope;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Attention;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Activations;
import dev.lethe.model.gemma2.AttentionKind;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Every number that the forward pass goes through is the reference code's, at real positions.
class GoldenForwardTest {
    static final List<String> CASES = GoldenCase.NAMES;

    private static final double CLOSE = 1e-12;

    private static Tensor ids(Batch batch) {
        return Tensor.ofInts(Shape.of(batch.rows(), batch.tokens()), batch.ids());
    }

    private static double[] logits(Gemma2 model, Batch batch) {
        return model.head(model.forward(ids(batch)).lastHidden()).logits().toDoubles();
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void logitsOfAllBatchesAndOfTheTeacher(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                TensorArena _ = golden.backend().openStep()) {
            for (Role role : Role.values()) {
                Batch batch = golden.batch().get(role);
                String tensor = role.label() + ".logits";
                double[] expected = golden.file("forward").toDoubles(tensor);
                double[] actual = logits(golden.model(), batch);
                Agreement.assertRows(tensor, CLOSE, batch.positionMask(), expected, actual);
            }
            Batch main = golden.batch().get(Role.MAIN);
            double[] expected = golden.file("forward").toDoubles("teacher.main.logits");
            double[] actual = logits(golden.teacher(), main);
            Agreement.assertRows("teacher", CLOSE, main.positionMask(), expected, actual);
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void logitsInSinglePrecision(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F32);
                TensorArena _ = golden.backend().openStep()) {
            Batch main = golden.batch().get(Role.MAIN);
            double[] actual = logits(golden.model(), main);
            for (String tensor : List.of("main.logits", "main.logits_f32")) {
                double[] expected = golden.file("forward").toDoubles(tensor);
                double error = Agreement.largest(main.positionMask(), expected, actual);
                assertTrue(error <= 2e-5, () -> tensor + ": off by " + error);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void everyStateOfTheResidualStream(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                TensorArena _ = golden.backend().openStep()) {
            Batch main = golden.batch().get(Role.MAIN);
            Activations seen = golden.model().forward(ids(main));
            int layers = golden.model().config().layers();
            assertEquals(layers, seen.layers().size());
            for (int i = 0; i < layers; i++) {
                Activations.Layer layer = seen.layers().get(i);
                assertState(golden, "main.self_attn_output." + i, layer.attention());
                assertState(golden, "main.mlp_output." + i, layer.mlp());
                assertState(golden, "main.layer_output." + i, layer.residual());
                Tensor before = i == 0 ? seen.embeddings() : seen.residual(i - 1);
                assertState(golden, "main.hidden_states." + i, before);
            }
            assertState(golden, "main.hidden_states." + layers, seen.lastHidden());
        }
    }

    private static void assertState(GoldenCase golden, String tensor, Tensor actual) {
        int[] mask = golden.batch().get(Role.MAIN).positionMask();
        double[] expected = golden.file("forward").toDoubles(tensor);
        Agreement.assertRows(tensor, CLOSE, mask, expected, actual.toDoubles());
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void statesForRmuOfStudentAndFrozenModel(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                TensorArena _ = golden.backend().openStep()) {
            Batch forget = golden.batch().get(Role.FORGET);
            Batch retain = golden.batch().get(Role.RETAIN);
            record State(String tensor, Gemma2 model, Batch batch) {}
            for (State state :
                    List.of(
                            new State("forget.layer_output.1", golden.model(), forget),
                            new State("retain.layer_output.1", golden.model(), retain),
                            new State(
                                    "rmu.frozen.retain.layer_output.1", golden.frozen(), retain))) {
                Activations seen = state.model().forwardThrough(1, ids(state.batch()));
                assertEquals(2, seen.layers().size(), "layers computed");
                Agreement.assertRows(
                        state.tensor(),
                        CLOSE,
                        state.batch().positionMask(),
                        golden.file("forward").toDoubles(state.tensor()),
                        seen.residual(1).toDoubles());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void probabilitiesOfEveryAttentionLayer(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                TensorArena _ = golden.backend().openStep()) {
            Batch main = golden.batch().get(Role.MAIN);
            Activations seen = golden.model().forward(ids(main));
            Gemma2Config config = golden.model().config();
            List<Integer> sliding = new ArrayList<>();
            for (int i = 0; i < config.layers(); i++) {
                if (config.layerKinds().get(i) == AttentionKind.SLIDING) {
                    sliding.add(i);
                }
                Tensor before = i == 0 ? seen.embeddings() : seen.residual(i - 1);
                Agreement.assertRows(
                        "main.attn_probs." + i,
                        CLOSE,
                        perQuery(main, config.heads()),
                        golden.file("forward").toDoubles("main.attn_probs." + i),
                        probabilities(golden.model(), i, before).toDoubles());
            }
            List<Integer> expected = new ArrayList<>();
            golden.expected("sliding_layers").forEach(layer -> expected.add(layer.intValue()));
            assertEquals(expected, sliding, "sliding layers");
        }
    }

    /// The block's own q and k, made once more from its input, since the model does not keep them.
    private static Tensor probabilities(Gemma2 model, int layer, Tensor input) {
        Gemma2Config config = model.config();
        String prefix = "model.layers." + layer + ".";
        Tensor norm = model.parameters().get(prefix + "input_layernorm.weight");
        Tensor x = rmsNorm(input, norm, config.rmsNormEpsilon());
        Tensor q = linear(x, model.parameters().get(prefix + "self_attn.q_proj.weight"));
        Tensor k = linear(x, model.parameters().get(prefix + "self_attn.k_proj.weight"));
        boolean sliding = config.layerKinds().get(layer) == AttentionKind.SLIDING;
        Attention attention =
                new Attention(
                        1 / Math.sqrt(config.queryPreAttnScalar()),
                        config.attentionSoftCap().orElseThrow(),
                        sliding ? config.slidingWindow() : Integer.MAX_VALUE);
        return attention.probabilities(
                rope(heads(q, config.heads(), config), config.ropeTheta(), 0),
                rope(heads(k, config.kvHeads(), config), config.ropeTheta(), 0));
    }

    private static Tensor heads(Tensor x, int count, Gemma2Config config) {
        Shape shape = x.shape();
        return reshape(x, Shape.of(shape.dim(0), shape.dim(1), count, config.headDim()));
    }

    /// The mask of `[B,heads,T]` queries.
    private static int[] perQuery(Batch batch, int heads) {
        return IntStream.range(0, batch.rows() * heads * batch.tokens())
                .map(
                        i -> {
                            int row = i / (heads * batch.tokens());
                            return i % batch.tokens() < batch.lengths()[row] ? 1 : 0;
                        })
                .toArray();
    }
}
