package dev.lethe.model.gemma2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Fresh weights: by the seed alone, of the stated spread.
class InitializationTest {
    private static final Gemma2Config CONFIG =
            TinyGemma2.CONFIG.toBuilder().vocabSize(200).initializerRange(0.02).build();

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Parameters initialized(DType dtype, long seed) {
        Gemma2 model = Gemma2.allocate(CONFIG, backend, dtype);
        Parameters parameters = model.parameters();
        // What stood there before leaves no trace.
        parameters.specs().forEach(spec -> backend.elementwise().fill(7, buffer(model, spec)));
        int version = parameters.flat().version();
        Initialization.randomize(model, seed);
        assertNotEquals(version, parameters.flat().version(), "marked as changed");
        return parameters;
    }

    private static Buffer buffer(Gemma2 model, Parameters.Spec spec) {
        return model.parameters().get(spec.name()).buffer();
    }

    @Test
    void dependsOnTheSeedAlone() {
        try (Parameters one = initialized(DType.F32, 1);
                Parameters again = initialized(DType.F32, 1);
                Parameters other = initialized(DType.F32, 2)) {
            for (Parameters.Spec spec : one.specs()) {
                float[] values = one.get(spec.name()).toFloats();
                assertArrayEquals(values, again.get(spec.name()).toFloats(), spec.name());
                boolean same = Arrays.equals(values, other.get(spec.name()).toFloats());
                assertEquals(spec.shape().rank() == 1, same, spec.name());
            }
        }
    }

    @Test
    void drawsEachElementFromItsAddressInEveryPrecision() {
        try (Parameters single = initialized(DType.F32, 5);
                Parameters wide = initialized(DType.F64, 5)) {
            for (int i = 0; i < wide.specs().size(); i++) {
                Parameters.Spec spec = wide.specs().get(i);
                double[] values = wide.get(spec.name()).toDoubles();
                float[] rounded = single.get(spec.name()).toFloats();
                PhiloxStream stream = new PhiloxStream(5, Purpose.INITIALIZATION, i);
                for (int k = 0; k < values.length; k++) {
                    double expected = spec.shape().rank() == 1 ? 0 : 0.02 * stream.normal(k);
                    assertEquals(expected, values[k], spec.name());
                    assertEquals((float) expected, rounded[k], spec.name());
                }
            }
        }
    }

    @Test
    void hasTheConfiguredSpreadAndGainsOfOne() {
        try (Parameters parameters = initialized(DType.F64, 1)) {
            double[] embedding = parameters.get("model.embed_tokens.weight").toDoubles();
            double mean = Arrays.stream(embedding).average().orElseThrow();
            double square = Arrays.stream(embedding).map(x -> x * x).average().orElseThrow();
            // 2400 draws: standard errors 0.02 / 49 of the mean, 0.02 / 69 of the deviation.
            assertEquals(0, mean, 4 * 0.02 / 49);
            assertEquals(0.02, Math.sqrt(square), 4 * 0.02 / 69);
            for (Parameters.Spec spec : parameters.specs()) {
                double[] values = parameters.get(spec.name()).toDoubles();
                boolean zero = Arrays.stream(values).allMatch(x -> x == 0);
                assertEquals(spec.name().endsWith("norm.weight"), zero, spec.name());
            }
            assertTrue(parameters.names().contains("model.norm.weight"));
        }
    }

    @Test
    void givesMatricesOfOneShapeDifferentNumbers() {
        try (Parameters parameters = initialized(DType.F32, 1)) {
            String mlp = "model.layers.0.mlp.";
            float[] gate = parameters.get(mlp + "gate_proj.weight").toFloats();
            assertFalse(Arrays.equals(gate, parameters.get(mlp + "up_proj.weight").toFloats()));
            String next = "model.layers.1.mlp.gate_proj.weight";
            assertFalse(Arrays.equals(gate, parameters.get(next).toFloats()));
        }
    }
}
