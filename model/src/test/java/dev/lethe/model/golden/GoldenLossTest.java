package dev.lethe.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.Objective;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Each loss with its terms, denominators and the gradient of every parameter is the reference
/// code's.
class GoldenLossTest {
    static final List<String> CASES = GoldenCase.NAMES;

    private static final double CLOSE = 1e-12;

    static Stream<Arguments> losses() {
        return CASES.stream()
                .flatMap(
                        name ->
                                Stream.of(GoldenLoss.values())
                                        .map(loss -> Arguments.of(name, loss)));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void lossTermsAndGradientsInDoublePrecision(String name, GoldenLoss loss) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64)) {
            check(golden, loss, CLOSE, CLOSE);
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void crossEntropyInSinglePrecision(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F32)) {
            check(golden, GoldenLoss.CE, 1e-6, 1e-5);
        }
    }

    private static void check(
            GoldenCase golden, GoldenLoss loss, double closeValue, double closeGradient) {
        Objective objective = loss.objective(golden);
        List<String> names =
                loss.isRmu() ? GoldenCase.frozenOverrides() : golden.parameters().names();
        try (TensorArena _ = golden.backend().openStep()) {
            SequencedMap<String, Double> denominators = objective.denominators(golden.batch());
            assertEquals(denominators(golden, loss), denominators);
            LossTerms terms = objective.terms(golden.model(), golden.batch(), denominators);
            Tensor total = terms.total();
            checkValues(golden, loss, closeValue, terms, total.item());

            Gradients gradients = Autograd.gradients(total, golden.parameters().get(names));
            assertEquals(names.size(), gradients.size(), "gradients");
            double squares = 0;
            for (String parameter : names) {
                double[] actual = gradients.of(golden.parameters().get(parameter)).toDoubles();
                double[] expected =
                        loss.isRmu()
                                ? golden.file("grad_rmu")
                                        .toDoubles(loss.label() + "." + parameter)
                                : golden.file("grad_" + loss.label()).toDoubles(parameter);
                Agreement.assertTensor(parameter, closeGradient, expected, actual);
                for (double value : actual) {
                    squares += value * value;
                }
            }
            double norm = golden.expected("grad_norms", loss.label()).doubleValue();
            Agreement.assertScalar("gradient norm", closeGradient, norm, Math.sqrt(squares));
        }
    }

    private static void checkValues(
            GoldenCase golden, GoldenLoss loss, double close, LossTerms terms, double total) {
        JsonNode expected = golden.expected("losses", loss.label());
        Agreement.assertScalar("total", close, expected.required("total").doubleValue(), total);
        if (expected.size() == 1) {
            assertEquals(1, terms.terms().size(), "terms");
            double only = terms.terms().getFirst().value().item();
            Agreement.assertScalar("only term", close, expected.get("total").doubleValue(), only);
            return;
        }
        assertEquals(expected.size() - 1, terms.terms().size(), "terms");
        for (LossTerms.Term term : terms.terms()) {
            double value = expected.required(term.name()).doubleValue();
            Agreement.assertScalar(term.name(), close, value, term.value().item());
        }
    }

    /// What each term is the mean of, from the file's counts.
    private static Map<String, Double> denominators(GoldenCase golden, GoldenLoss loss) {
        double hidden = golden.model().config().hiddenSize();
        return switch (loss) {
            case CE -> Map.of("ce", count(golden, "main", "targets"));
            case KL -> Map.of("kl", count(golden, "main", "positions"));
            case KL_SHIFT -> Map.of("kl", count(golden, "main", "targets"));
            case MAXENT ->
                    Map.of(
                            "forget_kl_uniform", count(golden, "forget", "positions"),
                            "retain_ce", count(golden, "retain", "targets"));
            case MAXENT_SHIFT ->
                    Map.of(
                            "forget_kl_uniform", count(golden, "forget", "targets"),
                            "retain_ce", count(golden, "retain", "targets"));
            case GRADDIFF ->
                    Map.of(
                            "forget_ce", count(golden, "forget", "targets"),
                            "retain_ce", count(golden, "retain", "targets"));
            case RMU, RMU_HS1, RMU_HS2 ->
                    Map.of(
                            "forget_mse", count(golden, "forget", "positions") * hidden,
                            "retain_mse", count(golden, "retain", "positions") * hidden);
        };
    }

    private static double count(GoldenCase golden, String role, String what) {
        return golden.expected("counts", role, what + "_nonpad").doubleValue();
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void countsOfTargetsAndPositions(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64)) {
            for (Role role : Role.values()) {
                Batch batch = golden.batch().get(role);
                double positions = count(golden, role.label(), "positions");
                assertEquals(positions, batch.positions(), role + " positions");
                double targets = count(golden, role.label(), "targets");
                assertEquals(targets, batch.targetCount(), role + " targets");
            }
        }
    }
}
