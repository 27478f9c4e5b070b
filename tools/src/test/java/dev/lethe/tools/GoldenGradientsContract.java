package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.SafeTensors;

import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// `lethe gradients` against public reference code: every loss and variant, both cases, in F64 and
/// F32, on the devices that a subclass names.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GoldenGradientsContract {
    /// Relative, of values and of each tensor's L2 distance; F32 by the golden data's own advice.
    private enum Closeness {
        F64(1e-12, 1e-12),
        F32(1e-5, 1e-4);

        private final double gradient;
        private final double product;

        Closeness(double gradient, double product) {
            this.gradient = gradient;
            this.product = product;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private enum Variant {
        CE("ce"),
        KL("kl", "--positions", "all"),
        KL_SHIFT("kl"),
        MAXENT("maxent", "--positions", "all"),
        MAXENT_SHIFT("maxent"),
        GRADDIFF("graddiff", "--alpha", "0.7"),
        RMU("rmu", "--layer", "1", "--c", "6", "--alpha", "1.2"),
        RMU_HS1("rmu", "--layer", "0", "--c", "6", "--alpha", "1.2"),
        /// In B alone: in A this index is the state after the final norm, which is no layer's.
        RMU_HS2("rmu", "--layer", "1", "--c", "6", "--alpha", "1.2");

        private final String loss;
        private final List<String> options;

        Variant(String loss, String... options) {
            this.loss = loss;
            this.options = List.of(options);
        }

        String golden() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isRmu() {
            return loss.equals("rmu");
        }
    }

    @TempDir Path folder;

    /// As given to `--device`.
    abstract List<String> devices();

    Stream<Arguments> runs() {
        List<Arguments> runs = new ArrayList<>();
        for (GoldenCase golden : GoldenCase.values()) {
            for (Variant variant : Variant.values()) {
                if (variant == Variant.RMU_HS2 && golden == GoldenCase.A_tiny) {
                    continue;
                }
                for (String device : devices()) {
                    for (Closeness closeness : Closeness.values()) {
                        runs.add(Arguments.of(golden, variant, device, closeness));
                    }
                }
            }
        }
        return runs.stream();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void agrees(GoldenCase golden, Variant variant, String device, Closeness closeness)
            throws IOException {
        Path out = folder.resolve("gradients.safetensors");
        List<String> arguments = arguments(golden, device, closeness, out);
        arguments.addAll(List.of("--loss", variant.loss));
        arguments.addAll(variant.options);
        if (variant.loss.equals("kl")) {
            arguments.addAll(List.of("--teacher", golden.file("teacher.safetensors").toString()));
        }
        if (variant.isRmu()) { // the golden file has these two alone
            arguments.addAll(
                    List.of("--parameters", "model\\.layers\\.[01]\\.mlp\\.down_proj\\.weight"));
        }
        JsonNode report = report(arguments);
        assertLoss(golden, variant, report, closeness);
        // `cuda (simulated)` is told apart from `cuda`.
        assertEquals(device, report.path("device").textValue().replace(" (simulated)", ""));
        assertEquals(closeness.word(), report.path("dtype").textValue());

        String file = variant.isRmu() ? "grad_rmu" : "grad_" + variant.golden();
        String prefix = variant.isRmu() ? variant.golden() + "." : "";
        try (SafeTensors found = SafeTensors.open(out);
                SafeTensors truth = golden.tensors(file + ".safetensors")) {
            List<String> names =
                    truth.names().stream().filter(name -> name.startsWith(prefix)).toList();
            assertEquals(names.size(), found.names().size());
            for (String name : names) {
                String own = name.substring(prefix.length());
                assertEquals(ElementType.valueOf(closeness.name()), found.entry(own).dtype());
                assertEquals(truth.entry(name).shape(), found.entry(own).shape());
                assertClose(own, truth.toDoubles(name), found.toDoubles(own), closeness.gradient);
            }
        }
    }

    Stream<Arguments> products() {
        List<Arguments> products = new ArrayList<>();
        for (GoldenCase golden : GoldenCase.values()) {
            for (String device : devices()) {
                for (Closeness closeness : Closeness.values()) {
                    products.add(Arguments.of(golden, device, closeness));
                }
            }
        }
        return products.stream();
    }

    @ParameterizedTest
    @MethodSource("products")
    void hessianTimesVectorAgrees(GoldenCase golden, String device, Closeness closeness)
            throws IOException {
        Path out = folder.resolve("products.safetensors");
        List<String> arguments = arguments(golden, device, closeness, out);
        arguments.addAll(
                List.of("--loss", "ce", "--hvp", golden.file("hvp.safetensors").toString()));
        assertLoss(golden, Variant.CE, report(arguments), closeness);
        try (SafeTensors found = SafeTensors.open(out);
                SafeTensors gradient = golden.tensors("grad_ce.safetensors");
                SafeTensors product = golden.tensors("hvp.safetensors")) {
            assertEquals(2 * gradient.names().size(), found.names().size());
            for (String name : gradient.names()) {
                assertClose(
                        name, gradient.toDoubles(name), found.toDoubles(name), closeness.gradient);
                String own = "hvp." + name;
                assertClose(own, product.toDoubles(own), found.toDoubles(own), closeness.product);
            }
        }
    }

    private static List<String> arguments(
            GoldenCase golden, String device, Closeness closeness, Path out) {
        return new ArrayList<>(
                List.of(
                        "gradients",
                        "--checkpoint",
                        golden.folder().toString(),
                        "--batch",
                        golden.file("inputs.safetensors").toString(),
                        "--device",
                        device,
                        "--dtype",
                        closeness.word(),
                        "--out",
                        out.toString(),
                        "--json",
                        "--quiet"));
    }

    private static JsonNode report(List<String> arguments) throws IOException {
        Invocation invocation = Invocation.of(arguments).assertDone();
        assertEquals("", invocation.err());
        return new JsonMapper().readTree(invocation.out());
    }

    private static void assertLoss(
            GoldenCase golden, Variant variant, JsonNode report, Closeness closeness) {
        double bound = closeness.gradient;
        JsonNode expected = golden.expected();
        JsonNode losses = expected.path("losses").path(variant.golden());
        assertRelative("loss", losses.path("total"), report.path("loss"), bound);
        assertRelative(
                "gradient_norm",
                expected.path("grad_norms").path(variant.golden()),
                report.path("gradient_norm"),
                bound);
        List<String> terms = new ArrayList<>();
        losses.fieldNames().forEachRemaining(terms::add);
        terms.remove("total");
        if (terms.isEmpty()) { // a loss of one term is its own total
            assertRelative(
                    variant.loss,
                    losses.path("total"),
                    report.path("terms").path(variant.loss),
                    bound);
            terms.add(variant.loss);
        } else {
            for (String term : terms) {
                assertRelative(term, losses.path(term), report.path("terms").path(term), bound);
            }
        }
        assertEquals(terms.size(), report.path("terms").size());
        assertEquals(terms.size(), report.path("denominators").size());
        for (String term : terms) {
            assertEquals(
                    denominator(golden.expected(), variant, term, golden.hiddenSize()),
                    report.path("denominators").path(term).longValue(),
                    term);
        }
    }

    /// @param hidden width of the residual stream
    private static long denominator(JsonNode expected, Variant variant, String term, long hidden) {
        String role = term.contains("_") ? term.substring(0, term.indexOf('_')) : "main";
        JsonNode counts = expected.path("counts").path(role);
        boolean everyPosition =
                variant.isRmu() || term.contains("kl") && variant.options.contains("all");
        long count = counts.path(everyPosition ? "positions_nonpad" : "targets_nonpad").longValue();
        return variant.isRmu() ? count * hidden : count;
    }

    private static void assertRelative(String what, JsonNode truth, JsonNode found, double bound) {
        assertTrue(truth.isNumber() && found.isNumber(), what + " is missing");
        assertEquals(
                truth.doubleValue(),
                found.doubleValue(),
                bound * Math.abs(truth.doubleValue()),
                what);
    }

    /// `|found - truth| <= bound |truth|` in L2, so zeros must be zeros.
    private static void assertClose(String name, double[] truth, double[] found, double bound) {
        double distance = 0;
        double length = 0;
        for (int i = 0; i < truth.length; i++) {
            distance += (found[i] - truth[i]) * (found[i] - truth[i]);
            length += truth[i] * truth[i];
        }
        double error = Math.sqrt(distance);
        double size = Math.sqrt(length);
        assertTrue(
                error <= bound * size,
                () -> "%s: distance %s of a tensor of length %s".formatted(name, error, size));
    }
}
