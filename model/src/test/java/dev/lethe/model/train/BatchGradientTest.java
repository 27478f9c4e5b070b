package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What training steps by is the gradient that nothing is used up for: of every objective, whole and
/// in parts, for all parameters and for some.
class BatchGradientTest {
    /// Primitives alone, and fused operations with kernels.
    static final List<Supplier<Backend>> BACKENDS =
            List.of(ReferenceBackend::new, FormulaBackend::new);

    private static Map<String, Objective> objectives(Gemma2 other) {
        double[] u = new double[TinyGemma2.CONFIG.hiddenSize()];
        u[2] = 1;
        Map<String, Objective> objectives = new TreeMap<>();
        objectives.put("ce", new NextToken());
        objectives.put("graddiff", new GradDiff(0.7));
        objectives.put("maxent", new MaxEnt(1.3, Positions.ALL));
        objectives.put("distill", new Distill(other, Positions.TARGETS));
        objectives.put("rmu", new Rmu(new Rmu.Target(1, 0.8, u), 1.2, other));
        objectives.put("repnoise", new RepNoise(new MaxEnt(1.3, Positions.ALL), 0.7, 0.1, 5));
        return objectives;
    }

    @ParameterizedTest
    @FieldSource("BACKENDS")
    void isThePlainGradient(Supplier<Backend> open) {
        StepBatch batch = TinyGemma2.allRoles();
        try (Backend backend = open.get();
                Workers workers = new Workers(2);
                Gemma2 model = TinyGemma2.random(backend, DType.F64, 31);
                Gemma2 other = TinyGemma2.random(backend, DType.F64, 32)) {
            List<String> all = model.parameters().names();
            List<String> some = all.stream().filter(name -> name.contains("down_proj")).toList();
            assertEquals(3, some.size());
            for (var entry : objectives(other).entrySet()) {
                Objective objective = entry.getValue();
                for (List<String> trained : List.of(all, some)) {
                    List<double[]> expected = plain(model, objective, batch, trained);
                    for (int parts = 1; parts <= (objective.separable() ? 2 : 1); parts++) {
                        try (BatchGradient gradient =
                                new BatchGradient(model, objective, trained, parts, workers)) {
                            gradient.evaluate(batch);
                            for (int i = 0; i < trained.size(); i++) {
                                String name = trained.get(i);
                                requireClose(
                                        entry.getKey() + " " + name,
                                        expected.get(i),
                                        gradient.sum().get(name));
                            }
                        }
                    }
                }
            }
        }
    }

    private static List<double[]> plain(
            Gemma2 model, Objective objective, StepBatch batch, List<String> names) {
        try (TensorArena _ = model.parameters().backend().openStep()) {
            Tensor total =
                    objective.terms(model, batch, objective.denominators(batch)).total();
            List<Tensor> targets = model.parameters().get(names);
            Gradients of = Autograd.gradients(total, targets);
            List<double[]> gradients = new ArrayList<>();
            for (Tensor target : targets) {
                gradients.add(of.of(target).toDoubles());
            }
            return gradients;
        }
    }

    private static void requireClose(String what, double[] expected, Tensor found) {
        double[] values = found.toDoubles();
        double distance = 0;
        double norm = 0;
        for (int i = 0; i < values.length; i++) {
            distance += (values[i] - expected[i]) * (values[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        double bound = 1e-12 * Math.sqrt(norm);
        double off = Math.sqrt(distance);
        assertTrue(off <= bound, () -> "%s: off by %s of %s".formatted(what, off, bound));
    }
}
