package dev.lethe.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.tools.Lethe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `lethe gradients --device cuda` on golden data, and how far it is from the truth.
///
/// The data lie where `-Dlethe.bench.golden` says, one folder a case.
final class GoldenCommand {
    /// The cases of the golden data.
    static final List<String> CASES = List.of("A_tiny", "B_wide");

    private GoldenCommand() {}

    enum Loss {
        CE("ce"),
        KL("kl", "--positions", "all"),
        KL_SHIFT("kl"),
        MAXENT("maxent", "--positions", "all"),
        MAXENT_SHIFT("maxent"),
        GRADDIFF("graddiff", "--alpha", "0.7"),
        RMU("rmu", "--layer", "1", "--c", "6", "--alpha", "1.2");

        private final String word;
        private final List<String> options;

        Loss(String word, String... options) {
            this.word = word;
            this.options = List.of(options);
        }

        /// Whether it is another's variant, averaged over targets.
        boolean isShifted() {
            return this == KL_SHIFT || this == MAXENT_SHIFT;
        }

        /// As the files and `expected.json` name it.
        String golden() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Relative distances from the truth, the largest of all tensors, in L2; of the product NaN
    /// where none was asked for.
    record Distance(double loss, double gradient, double product) {}

    private static Path folder() {
        return Path.of(
                System.getProperty("lethe.bench.golden", "model/src/test/resources/golden"));
    }

    static Optional<String> missing() {
        return Files.isDirectory(folder().resolve(CASES.getFirst()))
                ? Optional.empty()
                : Optional.of("there are no golden data at " + folder());
    }

    /// The command line.
    ///
    /// @param product whether Hessian-vector products are wanted too
    static List<String> arguments(
            String golden, Loss loss, String dtype, boolean product, Path out) {
        return arguments("cuda", golden, loss, dtype, product, out);
    }

    private static List<String> arguments(
            String device, String golden, Loss loss, String dtype, boolean product, Path out) {
        Path files = folder().resolve(golden);
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "gradients",
                                "--checkpoint",
                                files.toString(),
                                "--batch",
                                files.resolve("inputs.safetensors").toString(),
                                "--device",
                                device,
                                "--dtype",
                                dtype,
                                "--out",
                                out.toString(),
                                "--json",
                                "--quiet",
                                "--loss",
                                loss.word));
        arguments.addAll(loss.options);
        if (loss.word.equals("kl")) {
            arguments.addAll(
                    List.of("--teacher", files.resolve("teacher.safetensors").toString()));
        }
        if (loss == Loss.RMU) { // the golden file has these two alone
            arguments.addAll(
                    List.of("--parameters", "model\\.layers\\.[01]\\.mlp\\.down_proj\\.weight"));
        }
        if (product) {
            arguments.addAll(List.of("--hvp", files.resolve("hvp.safetensors").toString()));
        }
        return arguments;
    }

    /// Runs the command in this process.
    static Distance run(Setting setting, String golden, Loss loss, String dtype, boolean product)
            throws IOException {
        return run(setting, "cuda", golden, loss, dtype, product);
    }

    /// The same in plain loops.
    static Distance onReference(Setting setting, String golden, Loss loss, String dtype)
            throws IOException {
        return run(setting, "reference", golden, loss, dtype, false);
    }

    private static Distance run(
            Setting setting,
            String device,
            String golden,
            Loss loss,
            String dtype,
            boolean product)
            throws IOException {
        Path out = setting.folder().resolve("gradients.safetensors");
        JsonNode report = report(arguments(device, golden, loss, dtype, product, out));
        String wanted = device.equals("cuda") ? setting.card().device() : device;
        if (!wanted.equals(report.path("device").textValue())) {
            throw new IllegalStateException(
                    "expected to compute on %s, got %s"
                            .formatted(wanted, report.path("device").textValue()));
        }
        return distance(out, golden, loss, product, report.path("loss").doubleValue());
    }

    private static JsonNode report(List<String> arguments) throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int code =
                Lethe.run(
                        arguments.toArray(String[]::new),
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        new PrintStream(errors, true, StandardCharsets.UTF_8));
        if (code != 0) {
            throw new IllegalStateException(errors.toString(StandardCharsets.UTF_8).strip());
        }
        return new JsonMapper().readTree(printed.toString(StandardCharsets.UTF_8));
    }

    private static Distance distance(
            Path out, String golden, Loss loss, boolean product, double value)
            throws IOException {
        Path files = folder().resolve(golden);
        double truth =
                new JsonMapper()
                        .readTree(files.resolve("expected.json").toFile())
                        .path("losses")
                        .path(loss.golden())
                        .path("total")
                        .doubleValue();
        double distance = Math.abs(value / truth - 1);
        try (SafeTensors found = SafeTensors.open(out)) {
            String prefix = loss == Loss.RMU ? loss.golden() + "." : "";
            double gradient =
                    largest(found, "", files.resolve(file(loss)), prefix);
            double hessian =
                    product
                            ? largest(found, "hvp.", files.resolve("hvp.safetensors"), "hvp.")
                            : Double.NaN;
            return new Distance(distance, gradient, hessian);
        } finally {
            Files.deleteIfExists(out);
        }
    }

    private static String file(Loss loss) {
        return "grad_" + loss.golden() + ".safetensors";
    }

    private static double largest(
            SafeTensors found, String foundPrefix, Path file, String truthPrefix) {
        double largest = 0;
        int compared = 0;
        try (SafeTensors truth = SafeTensors.open(file)) {
            for (String name : truth.names()) {
                if (name.startsWith(truthPrefix)) {
                    String own = foundPrefix + name.substring(truthPrefix.length());
                    largest =
                            Math.max( // NaN stays
                                    largest,
                                    Distances.relative(
                                            truth.toDoubles(name), found.toDoubles(own)));
                    compared++;
                }
            }
        }
        if (compared == 0) {
            throw new IllegalStateException(file + " has no tensor that begins " + truthPrefix);
        }
        return largest;
    }
}
