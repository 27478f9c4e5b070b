package dev.lethe.model.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every objective on BF16 weights: F32 terms, and gradients along those of F32.
class Bf16ObjectiveTest {
    private static final double UNIT_ROUNDOFF = 0x1p-8;

    /// Results that are rounded on the way through the model: 13 a layer, 4 outside.
    private static final int ROUNDINGS = 13 * TinyGemma2.CONFIG.layers() + 4;

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    static List<ObjectiveCases.Case> cases() {
        List<ObjectiveCases.Case> cases = new ArrayList<>(ObjectiveCases.ALL);
        cases.add(
                new ObjectiveCases.Case(
                        "representation noise with its distance",
                        _ -> new RepNoise(new NextToken(), 0.7, 0.5, 5)));
        return cases;
    }

    /// What a chain of roundings is off by at most, but for a chance of 1 in 45 (Higham and Mary
    /// 2019, theorem 2.4, with lambda 3). A gradient goes through the chain twice, forth and back.
    private static double rho(int roundings) {
        return 3 * Math.sqrt(roundings) * UNIT_ROUNDOFF;
    }

    private record Found(List<Double> terms, double[] gradient) {}

    private Found found(ObjectiveCases.Case subject, Gemma2 model, Gemma2 other) {
        StepBatch batch = ObjectiveCases.batch();
        try (TensorArena _ = backend.openStep()) {
            Objective objective = subject.objective().apply(other);
            LossTerms terms = objective.terms(model, batch, objective.denominators(batch));
            DType type = model.parameters().dtype().accumulator();
            assertTrue(terms.terms().stream().allMatch(term -> term.value().dtype() == type));
            List<Tensor> leaves = model.parameters().get(model.parameters().names());
            Gradients gradients = Autograd.gradients(terms.total(), leaves);
            double[] all =
                    leaves.stream()
                            .map(leaf -> gradients.of(leaf).toDoubles())
                            .flatMapToDouble(Arrays::stream)
                            .toArray();
            return new Found(
                    terms.terms().stream().map(term -> term.value().item()).toList(), all);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void followsF32(ObjectiveCases.Case subject) {
        try (Gemma2 narrow = TinyGemma2.random(backend, DType.BF16, 6);
                Gemma2 narrowOther = TinyGemma2.random(backend, DType.BF16, 7);
                Gemma2 wide = TinyGemma2.random(backend, DType.F32, 6);
                Gemma2 wideOther = TinyGemma2.random(backend, DType.F32, 7)) {
            wide.parameters().copyFrom(narrow.parameters()); // the same weights to the bit
            wideOther.parameters().copyFrom(narrowOther.parameters());
            Found expected = found(subject, wide, wideOther);
            Found got = found(subject, narrow, narrowOther);
            double off = 0;
            double size = 0;
            for (int i = 0; i < expected.gradient.length; i++) {
                off += Math.pow(got.gradient[i] - expected.gradient[i], 2);
                size += Math.pow(expected.gradient[i], 2);
            }
            assertEquals(expected.terms.size(), got.terms.size());
            for (int i = 0; i < got.terms.size(); i++) {
                double value = expected.terms.get(i);
                double allowed = rho(ROUNDINGS) * Math.max(1, Math.abs(value));
                assertEquals(value, got.terms.get(i), allowed, "term " + i);
            }
            double relative = Math.sqrt(off / size);
            assertTrue(relative > 0, "BF16 rounds");
            assertTrue(relative <= rho(2 * ROUNDINGS), "gradient off by " + relative);
        }
    }
}
