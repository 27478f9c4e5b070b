package dev.lethe.model.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Directional;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.ObjectiveCases.Case;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Terms as functions of the model's output are the terms that training computes, and their closed
/// forms are the derivatives that automatic differentiation finds.
class OutputTermTest {
    static final List<Case> OBJECTIVES =
            ObjectiveCases.ALL.stream()
                    .filter(
                            one ->
                                    !one.name().equals("representation noise")
                                            && !one.name().equals("custom"))
                    .toList();

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 11);
    private final Gemma2 other = TinyGemma2.random(backend, DType.F64, 12);
    private final StepBatch batch = ObjectiveCases.batch();

    @AfterEach
    void nothingStaysOpen() {
        model.close();
        other.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    @ParameterizedTest
    @FieldSource("OBJECTIVES")
    void termsAreThoseOfTraining(Case one) {
        Objective objective = one.objective().apply(other);
        var denominators = objective.denominators(batch);
        List<OutputTerm> terms = OutputTerm.of(objective);
        try (TensorArena _ = backend.openStep()) {
            List<LossTerms.Term> fused = objective.terms(model, batch, denominators).terms();
            assertEquals(fused.size(), terms.size());
            for (int i = 0; i < terms.size(); i++) {
                OutputTerm term = terms.get(i);
                assertEquals(fused.get(i).name(), term.name());
                assertEquals(fused.get(i).weight(), term.weight());
                ModelOutput output = read(term, denominators.get(term.name()));
                double value = fused.get(i).value().item();
                assertEquals(value, output.loss().item(), 1e-13 * Math.abs(value), term.name());
            }
        }
    }

    private ModelOutput read(OutputTerm term, double denominator) {
        return term.read(model, batch.get(term.role()), denominator);
    }

    @ParameterizedTest
    @FieldSource("OBJECTIVES")
    void closedFormsAreTheDerivatives(Case one) {
        Objective objective = one.objective().apply(other);
        var denominators = objective.denominators(batch);
        for (OutputTerm term : OutputTerm.of(objective)) {
            try (TensorArena _ = backend.openStep()) {
                ModelOutput output = read(term, denominators.get(term.name()));
                Tensor values = output.values();
                Tensor u = random(values);
                Tensor loss = output.loss();
                assertClose(
                        term.name() + " gradient",
                        Autograd.gradients(loss, List.of(values)).of(values),
                        output.gradient());
                assertClose(
                        term.name() + " curvature",
                        Directional.hessianVector(loss, List.of(values), List.of(u)).of(values),
                        output.curvature(u));
            }
        }
    }

    private static Tensor random(Tensor like) {
        PhiloxStream stream = new PhiloxStream(5, Purpose.PROBE, 0);
        double[] numbers = new double[(int) like.shape().size()];
        Arrays.setAll(numbers, stream::normal);
        return Tensor.of(DType.F64, like.shape(), numbers);
    }

    private static void assertClose(String what, Tensor expected, Tensor actual) {
        assertEquals(expected.shape(), actual.shape());
        assertFalse(actual.requiresGradient(), what + " must carry no history");
        double[] wanted = expected.toDoubles();
        double[] got = actual.toDoubles();
        double size = Arrays.stream(wanted).map(Math::abs).max().orElse(0);
        assertTrue(size > 1e-4, what + ": something to compare");
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], got[i], 1e-13 * size, what + " at " + i);
        }
    }
}
