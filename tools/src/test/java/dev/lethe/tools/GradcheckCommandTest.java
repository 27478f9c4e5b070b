package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What `lethe gradcheck` finds: right gradients right, wrong ones wrong.
class GradcheckCommandTest {
    private static final GoldenCase GOLDEN = GoldenCase.A_tiny;

    @TempDir Path folder;

    private Invocation gradcheck(String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "gradcheck",
                                "--checkpoint",
                                GOLDEN.folder().toString(),
                                "--batch",
                                GOLDEN.file("inputs.safetensors").toString(),
                                "--quiet"));
        arguments.addAll(Arrays.asList(more));
        return Invocation.of(arguments);
    }

    private static JsonNode json(Invocation done) throws IOException {
        return new JsonMapper().readTree(done.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce", "kl", "maxent", "graddiff", "rmu"})
    void ourGradientsAreDerivatives(String loss) throws IOException {
        List<String> more =
                new ArrayList<>(List.of("--loss", loss, "--json", "--directions", "2"));
        if (loss.equals("kl")) {
            more.addAll(List.of("--teacher", GOLDEN.file("teacher.safetensors").toString()));
        }
        if (loss.equals("rmu")) {
            more.addAll(List.of("--layer", "1"));
        }
        JsonNode report = json(gradcheck(more.toArray(String[]::new)).assertDone());
        assertTrue(report.path("holds").booleanValue());
        int parameters = report.path("precisions").get(0).path("parameters").size();
        // Two random ones, the gradient, each parameter and three suspects.
        assertEquals(2 + 1 + parameters + 3, report.path("slopes").size());
        for (JsonNode slope : report.path("slopes")) {
            double off =
                    Math.abs(
                            slope.path("exact").doubleValue()
                                    - slope.path("differences").doubleValue());
            assertTrue(off <= slope.path("allowed").doubleValue(), slope.toString());
        }
        assertErrors(report.path("precisions").get(0), "f32", 1e-8, 1e-3);
        assertErrors(report.path("precisions").get(1), "bf16", 1e-4, 1);
    }

    /// Every parameter that has a gradient is off by a plausible amount.
    private static void assertErrors(JsonNode precision, String dtype, double least, double most) {
        assertEquals(dtype, precision.path("dtype").textValue());
        double largest = 0;
        for (JsonNode parameter : precision.path("parameters")) {
            double relative = parameter.path("relative_l2").doubleValue();
            assertTrue(relative >= 0 && relative < most, parameter.toString());
            largest = Math.max(largest, relative);
            JsonNode worst = parameter.path("worst");
            assertEquals(3, worst.size(), worst.toString());
            for (int i = 0; i < 3; i++) {
                String entry = worst.get(i).path("entry").textValue();
                assertTrue(entry.startsWith(parameter.path("name").textValue() + "["), entry);
                double ulps = worst.get(i).path("ulps").doubleValue();
                assertTrue(i == 0 || ulps <= worst.get(i - 1).path("ulps").doubleValue(), entry);
            }
        }
        assertTrue(largest > least, dtype + " is off by " + largest);
    }

    @Test
    void aTableIsForPeople() {
        Invocation done =
                gradcheck(
                                "--loss",
                                "maxent",
                                "--parameters",
                                ".*norm.weight",
                                "--against",
                                "f32")
                        .assertDone();
        assertTrue(done.out().contains("f32 on cpu against f64"), done.out());
        assertFalse(done.out().contains("bf16"), done.out());
        assertTrue(done.out().contains("slopes agree to 1.0E-6"), done.out());
        assertTrue(
                done.out()
                        .lines()
                        .anyMatch(
                                line ->
                                        line.matches(
                                                "model.norm.weight .*(\\[\\d+]: \\S+ for \\S+, \\S+ ulps(; )?){3}")),
                done.out());
    }

    @Test
    void anObjectiveOfAUsersOwnIsChecked() throws IOException {
        Path jar = CompiledJar.npo(folder);
        JsonNode report =
                json(
                        gradcheck(
                                        "--objective-class",
                                        "Npo",
                                        "--objective-jar",
                                        jar.toString(),
                                        "--objective-set",
                                        "alpha=0",
                                        "--objective-set",
                                        "beta=0.25",
                                        "--directions",
                                        "1",
                                        "--json")
                                .assertDone());
        // At its own reference each row's ratio is 1.
        assertEquals(2 / 0.25 * Math.log(2), report.path("loss").doubleValue(), 1e-12);
        assertTrue(report.path("holds").booleanValue());
    }

    private static final String OBJECTIVE =
            """
            import dev.lethe.engine.autograd.*;
            import dev.lethe.engine.memory.*;
            import dev.lethe.model.data.StepBatch;
            import dev.lethe.model.gemma2.Gemma2;
            import dev.lethe.model.objective.*;
            import java.util.*;
            public final class Own implements CustomObjective {
                public Own(ObjectiveSetup setup) { %s }
                public SequencedMap<String, Double> denominators(StepBatch whole) {
                    return new LinkedHashMap<>(Map.of("size", 1.0));
                }
                public LossTerms terms(
                        Gemma2 model, StepBatch part, SequencedMap<String, Double> means) {
                    Tensor w = model.parameters().get("model.norm.weight");
                    Tensor value = %s;
                    return LossTerms.of(new LossTerms.Term("size", 1, value));
                }
                public boolean separable() { return false; }
            }
            """;

    private Invocation own(String constructor, String value, String... more) throws IOException {
        Path jar = CompiledJar.of(folder, "Own", OBJECTIVE.formatted(constructor, value));
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--objective-class", "Own",
                                "--objective-jar", jar.toString(),
                                "--parameters", "model.norm.weight",
                                "--against", "f32"));
        all.addAll(Arrays.asList(more));
        return gradcheck(all.toArray(String[]::new));
    }

    /// Detaching a factor halves the gradient of a square.
    @Test
    void aWrongGradientIsFound() throws IOException {
        Invocation right = own("", "Sum.sum(Multiply.multiply(w, w))").assertDone();
        assertTrue(right.out().contains("slopes agree"), right.out());
        Invocation wrong = own("", "Sum.sum(Multiply.multiply(w, w.detach()))");
        assertEquals(1, wrong.exitCode());
        assertTrue(wrong.out().contains("differs"), wrong.out());
        assertTrue(
                wrong.err()
                        .startsWith(
                                "lethe: --objective-class Own: expected gradients that agree with differences to 1.0E-6, got "),
                wrong.err());
        assertEquals(1, wrong.err().lines().count(), wrong.err());
    }

    @Test
    void whatAClassThrowsIsOneLine() throws IOException {
        own("throw new IllegalStateException(\"no\");", "w")
                .assertOneLine(1, "objective Own: its constructor threw", "no");
        own("", "Sum.sum((Tensor) (Object) \"w\")")
                .assertOneLine(1, "objective Own: terms threw", "ClassCastException");
        own("", "null").assertOneLine(1, "objective Own: loss: term size: expected a scalar");
        own("", "w").assertOneLine(1, "objective Own: loss: term size: expected a scalar");
        own("setup.setting(\"gamma\");", "w")
                .assertOneLine(1, "objective Own: settings: expected gamma, got none; add it");
        own("setup.setting(\"gamma\");", "w", "--objective-set", "gama=1")
                .assertOneLine(1, "objective Own: settings: expected gamma, got only [gama]");
        own("setup.setting(\"gamma\", 1);", "w", "--objective-set", "gama=1")
                .assertOneLine(1, "objective Own: settings: expected gamma, got gama");
    }

    @Test
    void aMissingClassIsOneLine() throws IOException {
        Path jar = CompiledJar.npo(folder);
        String[] named = {"--objective-class", "Npu", "--objective-jar", jar.toString()};
        gradcheck(named).assertOneLine(1, "objective Npu: expected a class of", "got none");
        named[1] = "java.lang.String";
        gradcheck(named).assertOneLine(1, "java.lang.String: expected a class that implements");
        named[1] = "Npo";
        named[3] = folder.resolve("none.jar").toString();
        gradcheck(named).assertOneLine(1, "objective Npo: expected a JAR", "not there");
        named[3] = Files.writeString(folder.resolve("text.jar"), "text").toString();
        gradcheck(named).assertOneLine(1, "objective Npo: expected a JAR", "which is none");
        gradcheck("--objective-class", "Npo").assertOneLine(2, "--objective-jar FILE");
        gradcheck().assertOneLine(2, "--loss: expected ce, kl", "got neither");
        gradcheck("--loss", "ce", "--objective-class", "Npo", "--objective-jar", jar.toString())
                .assertOneLine(2, "got both");
        gradcheck("--loss", "ce", "--dtype", "f32").assertOneLine(2, "--dtype: gradcheck compares");
    }
}
