package dev.lethe.model.objective;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.ObjectiveCases.Case;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Gradients of every objective: against finite differences, and summed over parts of a batch.
class ObjectiveGradientTest {
    static final List<Case> OBJECTIVES = ObjectiveCases.ALL;

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

    @Test
    void everyObjectiveHasACase() {
        List<Objective> cases =
                OBJECTIVES.stream().map(one -> one.objective().apply(other)).toList();
        assertAll(
                Stream.of(Objective.class.getPermittedSubclasses())
                        .map(
                                type ->
                                        () ->
                                                assertTrue(
                                                        cases.stream().anyMatch(type::isInstance),
                                                        () -> "no case for " + type.getName())));
    }

    private double loss(Objective objective) {
        try (TensorArena _ = backend.openStep()) {
            return Recording.off(
                            () ->
                                    objective
                                            .terms(model, batch, objective.denominators(batch))
                                            .total())
                    .item();
        }
    }

    @ParameterizedTest
    @FieldSource("OBJECTIVES")
    void agreesWithFiniteDifferencesAlongRandomDirections(Case one) {
        Objective objective = one.objective().apply(other);
        Sums gradient = sums(objective, List.of(batch));
        Parameters parameters = model.parameters();
        try (Parameters start = parameters.copy()) {
            for (int seed = 0; seed < 4; seed++) {
                Map<String, double[]> direction = direction(parameters, seed);
                double expected = 0;
                for (String name : parameters.names()) {
                    double[] g = gradient.gradients().get(name);
                    for (int i = 0; i < g.length; i++) {
                        expected += g[i] * direction.get(name)[i];
                    }
                }
                // Five points: the error falls as h^4 (at 1e-4 up to 2e-6, so here 2e-10), and
                // rounding costs about 1e-16 / h.
                double h = 1e-5;
                double[] at = new double[5];
                for (int k = -2; k <= 2; k++) {
                    move(parameters, start, direction, k * h);
                    at[k + 2] = loss(objective);
                }
                double actual = (at[0] - 8 * at[1] + 8 * at[3] - at[4]) / (12 * h);
                move(parameters, start, direction, 0);
                double along = expected;
                assertTrue(Math.abs(along) > 1e-3, "a direction that matters: " + along);
                double error = Math.abs(actual - along) / Math.abs(along);
                assertTrue(
                        error <= 1e-7,
                        () ->
                                "direction: gradient %s, differences %s, relative error %.1e"
                                        .formatted(along, actual, error));
            }
        }
    }

    /// Normal numbers in every parameter.
    private Map<String, double[]> direction(Parameters parameters, long seed) {
        Map<String, double[]> direction = new LinkedHashMap<>();
        try (TensorArena arena = backend.openStep()) {
            for (int i = 0; i < parameters.specs().size(); i++) {
                Parameters.Spec spec = parameters.specs().get(i);
                var buffer = arena.allocate(DType.F64, spec.shape().size());
                PhiloxStream stream = new PhiloxStream(seed, Purpose.PROBE, i);
                backend.random().fill(stream, 0, Distribution.Normal.STANDARD, buffer);
                Tensor drawn = Tensor.leaf(backend, buffer, spec.shape(), false);
                direction.put(spec.name(), drawn.toDoubles());
            }
        }
        return direction;
    }

    /// `parameters = start + step direction`.
    private void move(
            Parameters parameters,
            Parameters start,
            Map<String, double[]> direction,
            double step) {
        try (TensorArena _ = backend.openStep()) {
            for (Parameters.Spec spec : parameters.specs()) {
                double[] moved = start.get(spec.name()).toDoubles();
                for (int i = 0; i < moved.length; i++) {
                    moved[i] += step * direction.get(spec.name())[i];
                }
                Tensor values = Tensor.of(DType.F64, spec.shape(), moved);
                backend.elementwise()
                        .copy(values.buffer(), parameters.get(spec.name()).buffer());
            }
        }
        parameters.flat().markChanged();
    }

    private record Sums(
            double loss,
            SequencedMap<String, Double> terms,
            Map<String, double[]> gradients,
            int partsWithoutTargets) {}

    /// Loss, terms and gradients, added up over the parts of the batch.
    private Sums sums(Objective objective, List<StepBatch> parts) {
        List<String> names = model.parameters().names();
        SequencedMap<String, Double> denominators = objective.denominators(batch);
        SequencedMap<String, Double> terms = new LinkedHashMap<>();
        Map<String, double[]> gradients = new LinkedHashMap<>();
        double loss = 0;
        int without = 0;
        for (StepBatch part : parts) {
            for (StepBatch.Role role : StepBatch.Role.values()) {
                without += part.get(role).targetCount() == 0 ? 1 : 0;
            }
            try (TensorArena _ = backend.openStep()) {
                LossTerms found = objective.terms(model, part, denominators);
                Tensor total = found.total();
                loss += total.item();
                for (LossTerms.Term term : found.terms()) {
                    terms.merge(term.name(), term.value().item(), Double::sum);
                }
                Gradients of = Autograd.gradients(total, model.parameters().get(names));
                for (String name : names) {
                    double[] gradient = of.of(model.parameters().get(name)).toDoubles();
                    gradients.merge(name, gradient, ObjectiveGradientTest::add);
                }
            }
        }
        return new Sums(loss, terms, gradients, without);
    }

    private static double[] add(double[] sum, double[] more) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
        return sum;
    }

    @ParameterizedTest
    @FieldSource("OBJECTIVES")
    void partsOfABatchAddUpToTheWhole(Case one) {
        Objective objective = one.objective().apply(other);
        Sums whole = sums(objective, List.of(batch));
        assertEquals(objective.denominators(batch).keySet(), whole.terms().keySet());
        for (int count : new int[] {1, 2, 3, 5}) {
            List<StepBatch> parts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                parts.add(batch.part(i, count));
            }
            Sums sums = sums(objective, parts);
            if (count == 5) {
                assertTrue(sums.partsWithoutTargets() >= 3, "parts without targets");
            }
            assertEquals(whole.loss(), sums.loss(), 1e-12, count + " parts: loss");
            whole.terms()
                    .forEach(
                            (name, value) ->
                                    assertEquals(value, sums.terms().get(name), 1e-12, name));
            whole.gradients()
                    .forEach(
                            (name, gradient) ->
                                    assertClose(name, gradient, sums.gradients().get(name)));
        }
    }

    private static void assertClose(String name, double[] expected, double[] actual) {
        double distance = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            distance += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            size += expected[i] * expected[i];
        }
        double error = Math.sqrt(distance);
        double allowed = 1e-12 * Math.sqrt(size);
        assertTrue(error <= allowed, () -> name + ": off by " + error + " of " + allowed);
    }
}
