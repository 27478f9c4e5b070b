package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// What the options of `lethe gradients` do.
class GradientsCommandTest {
    private static final GoldenCase GOLDEN = GoldenCase.A_tiny;
    private static final String DOWN = "model.layers.1.mlp.down_proj.weight";

    @TempDir Path folder;

    private Invocation gradients(String out, String... more) {
        return gradients(GOLDEN.file("inputs.safetensors"), out, more);
    }

    private Invocation gradients(Path batch, String out, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "gradients",
                                "--checkpoint",
                                GOLDEN.folder().toString(),
                                "--batch",
                                batch.toString(),
                                "--out",
                                folder.resolve(out).toString()));
        arguments.addAll(Arrays.asList(more));
        return Invocation.of(arguments).assertDone();
    }

    private byte[] written(String name) throws IOException {
        return Files.readAllBytes(folder.resolve(name));
    }

    private void assertSame(String one, String other) throws IOException {
        assertEquals(-1, Files.mismatch(folder.resolve(one), folder.resolve(other)));
    }

    private void assertDifferent(String one, String other) throws IOException {
        assertNotEquals(-1, Files.mismatch(folder.resolve(one), folder.resolve(other)));
    }

    @Test
    void threadsDoNotChangeTheBits() throws IOException {
        String hvp = GOLDEN.file("hvp.safetensors").toString();
        gradients("one", "--loss", "ce", "--hvp", hvp, "--threads", "1");
        gradients("two", "--loss", "ce", "--hvp", hvp, "--threads", "2");
        gradients("five", "--loss", "ce", "--hvp", hvp, "--threads", "5");
        assertSame("one", "two");
        assertSame("one", "five");
    }

    @Test
    void writesOneGradientAParameterInDoubleByDefault() {
        gradients("all", "--loss", "graddiff");
        try (SafeTensors all = SafeTensors.open(folder.resolve("all"));
                SafeTensors weights = GOLDEN.tensors("model.safetensors")) {
            assertEquals(
                    weights.names().stream().sorted().toList(),
                    all.names().stream().sorted().toList());
            for (String name : all.names()) {
                assertEquals(ElementType.F64, all.entry(name).dtype());
                assertEquals(weights.entry(name).shape(), all.entry(name).shape());
            }
            assertEquals("pt", all.metadata().get("format"));
        }
    }

    @Test
    void patternSelectsWholeNames() throws IOException {
        gradients("all", "--loss", "ce");
        Invocation some =
                gradients("some", "--loss", "ce", "--parameters", ".*norm.weight", "--json");
        double squares = 0;
        try (SafeTensors file = SafeTensors.open(folder.resolve("some"));
                SafeTensors all = SafeTensors.open(folder.resolve("all"))) {
            assertEquals(9, file.names().size());
            for (String name : file.names()) {
                assertTrue(name.endsWith("norm.weight"), name);
                assertArrayEquals(all.toDoubles(name), file.toDoubles(name), name);
                squares += Arrays.stream(file.toDoubles(name)).map(x -> x * x).sum();
            }
        }
        assertEquals(Math.sqrt(squares), json(some).path("gradient_norm").doubleValue(), 1e-12);
    }

    @Test
    void hessianIsThatOfTheSelectedParameters() {
        String pattern = DOWN.replace(".", "\\.");
        String hvp = GOLDEN.file("hvp.safetensors").toString();
        gradients("block", "--loss", "ce", "--hvp", hvp, "--parameters", pattern);
        Path zeroed = folder.resolve("zeroed");
        SampleFiles.edited(
                GOLDEN.file("hvp.safetensors"),
                zeroed,
                entry ->
                        entry.name().startsWith("v.") && !entry.name().equals("v." + DOWN)
                                ? Stream.of(zeros(entry))
                                : Stream.of(entry));
        gradients("whole", "--loss", "ce", "--hvp", zeroed.toString());
        try (SafeTensors block = SafeTensors.open(folder.resolve("block"));
                SafeTensors whole = SafeTensors.open(folder.resolve("whole"))) {
            assertEquals(List.of(DOWN, "hvp." + DOWN), block.names());
            assertArrayEquals(
                    whole.toDoubles("hvp." + DOWN), block.toDoubles("hvp." + DOWN), 1e-12);
        }
    }

    private static Entry zeros(Entry like) {
        return SampleFiles.floats(like.name(), like.shape(), new float[(int) like.elements()]);
    }

    @Test
    void absentMaskMeansAllOnes() throws IOException {
        Path ones = masks("ones", true);
        Path none = masks("none", false);
        gradients(ones, "with", "--loss", "ce");
        gradients(none, "without", "--loss", "ce");
        assertSame("with", "without");
        gradients("padded", "--loss", "ce");
        assertDifferent("padded", "without");
    }

    private Path masks(String name, boolean kept) {
        return SampleFiles.edited(
                GOLDEN.file("inputs.safetensors"),
                folder.resolve(name),
                entry -> {
                    if (!entry.name().equals("main.attention_mask")) {
                        return Stream.of(entry);
                    }
                    int[] ones = new int[(int) entry.elements()];
                    Arrays.fill(ones, 1);
                    return kept
                            ? Stream.of(SampleFiles.integers(entry.name(), entry.shape(), ones))
                            : Stream.empty();
                });
    }

    @Test
    void teacherMayBeADirectoryOrItsWeights() throws IOException {
        Path teacher = Files.createDirectory(folder.resolve("teacher"));
        Files.copy(GOLDEN.file("config.json"), teacher.resolve("config.json"));
        Files.copy(GOLDEN.file("teacher.safetensors"), teacher.resolve("model.safetensors"));
        Path alone = Files.createDirectory(folder.resolve("alone")).resolve("weights.safetensors");
        Files.copy(GOLDEN.file("teacher.safetensors"), alone);
        gradients("directory", "--loss", "kl", "--teacher", teacher.toString());
        gradients("weights", "--loss", "kl", "--teacher", alone.toString());
        assertSame("directory", "weights");
    }

    @Test
    void frozenOverridesComeFromEitherFileAndTheOptionWins() throws IOException {
        Path inputs = GOLDEN.file("inputs.safetensors");
        Path without =
                SampleFiles.edited(
                        inputs,
                        folder.resolve("without"),
                        entry ->
                                entry.name().startsWith("rmu.frozen.")
                                        ? Stream.empty()
                                        : Stream.of(entry));
        Path zeroed =
                SampleFiles.edited(
                        inputs,
                        folder.resolve("zeroed"),
                        entry ->
                                entry.name().startsWith("rmu.frozen.")
                                        ? Stream.of(zeros(entry))
                                        : Stream.empty());
        String[] rmu = {"--loss", "rmu", "--layer", "1"};
        gradients("inside", rmu);
        gradients(without, "outside", with(rmu, "--frozen", inputs.toString()));
        assertSame("inside", "outside");
        gradients(without, "zero", with(rmu, "--frozen", zeroed.toString()));
        assertDifferent("inside", "zero");
        gradients("both", with(rmu, "--frozen", zeroed.toString()));
        assertSame("zero", "both");
        // Its own weights frozen: nothing to hold yet.
        JsonNode report = json(gradients(without, "own", with(rmu, "--json")));
        assertEquals(0, report.path("terms").path("retain_mse").doubleValue());
    }

    @Test
    void directionComesFromTheSeedWhereTheFileHasNone() throws IOException {
        Path without =
                SampleFiles.edited(
                        GOLDEN.file("inputs.safetensors"),
                        folder.resolve("without"),
                        SampleFiles.only("rmu.u", _ -> Stream.empty()));
        String[] rmu = {"--loss", "rmu", "--layer", "0"};
        gradients(without, "default", rmu);
        gradients(without, "forty-two", with(rmu, "--seed", "42"));
        gradients(without, "seven", with(rmu, "--seed", "7"));
        assertSame("default", "forty-two");
        assertDifferent("default", "seven");
        gradients("stored", with(rmu, "--seed", "42"));
        gradients("stored-too", with(rmu, "--seed", "7"));
        assertSame("stored", "stored-too");
    }

    @Test
    void defaultsAreTheContracts() throws IOException {
        String[] rmu = {"--loss", "rmu", "--layer", "1"};
        gradients("default", rmu);
        gradients("said", with(rmu, "--alpha", "1", "--c", "6.5", "--dtype", "f64"));
        assertSame("default", "said");
    }

    @Test
    void optionsOfOtherLossesDrawAWarning() throws IOException {
        Invocation warned =
                gradients(
                        "warned", "--loss", "ce", "--c", "3", "--positions", "all", "--layer", "1");
        assertEquals(3, warned.err().lines().count(), warned.err());
        for (String option : List.of("--c", "--positions", "--layer")) {
            assertTrue(
                    warned.err()
                            .contains("lethe: warning: " + option + " means nothing to --loss ce"),
                    warned.err());
        }
        assertEquals("", gradients("quiet", "--loss", "ce", "--c", "3", "--quiet").err());
        assertSame("warned", "quiet");
        assertEquals("", gradients("used", "--loss", "maxent", "--positions", "all").err());
    }

    @Test
    void jsonIsOneObjectAndTextIsForPeople() throws IOException {
        JsonNode report = json(gradients("json", "--loss", "maxent", "--json"));
        List<String> keys = new ArrayList<>();
        report.fieldNames().forEachRemaining(keys::add);
        assertEquals(
                List.of(
                        "loss",
                        "terms",
                        "denominators",
                        "gradient_norm",
                        "device",
                        "dtype",
                        "arena"),
                keys);
        long weights = Files.size(GOLDEN.file("model.safetensors"));
        assertTrue(report.path("arena").path("peak_bytes").longValue() > weights);
        assertTrue(report.path("arena").path("blocks").intValue() > 0);
        String text = gradients("text", "--loss", "maxent").out();
        assertTrue(text.contains(report.path("loss").toString()), text);
        assertFalse(text.contains("{"), text);
    }

    @Test
    void replacesAFileThatIsThere() throws IOException {
        Files.writeString(folder.resolve("again"), "old");
        gradients("again", "--loss", "ce");
        gradients("fresh", "--loss", "ce");
        assertSame("again", "fresh");
        assertTrue(written("again").length > 100_000);
    }

    private static String[] with(String[] some, String... more) {
        return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
    }

    private static JsonNode json(Invocation invocation) throws IOException {
        assertEquals(1, invocation.out().lines().count(), invocation.out());
        return new JsonMapper().readTree(invocation.out());
    }
}
