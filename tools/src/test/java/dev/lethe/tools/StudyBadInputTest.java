package dev.lethe.tools;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `lethe study` says of what it cannot study: one line, before any file is written.
class StudyBadInputTest {
    private static final int FAILED = 1;
    private static final int REFUSED = 2;
    private static final String TINY = GoldenCase.A_tiny.folder().toString();
    private static final String ROWS = GoldenCase.A_tiny.file("inputs.safetensors").toString();

    @TempDir private Path directory;

    private Invocation study(String name, List<String> from, String... more) {
        List<String> arguments =
                Stream.of(
                                Stream.of("study", name, "--quiet", "--from"),
                                from.stream(),
                                Stream.of("--runs", directory.resolve("runs").toString()),
                                Stream.of(more))
                        .flatMap(part -> part)
                        .toList();
        return Invocation.of(arguments);
    }

    @Test
    void anUnknownStudyOrKeySuggestsTheNearest() {
        Invocation.of("study", "anatomie")
                .assertOneLine(REFUSED, "expected anatomy, ", "did you mean anatomy?");
        Invocation.of("study").assertOneLine(REFUSED, "study: expected a name", "curvature");
        study("anatomy", List.of(TINY), "--set", "token=3")
                .assertOneLine(REFUSED, "unknown key token; did you mean tokens?");
        study("influence", List.of(TINY), "--set", "rate=0", "--batch", ROWS)
                .assertOneLine(REFUSED, "a rate above 0");
    }

    @Test
    void aPlaceThatIsNeitherRunNorModelIsNamed() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        study("anatomy", List.of(empty.toString()))
                .assertOneLine(FAILED, "--from: expected a finished run", "neither", "name one");
        study("anatomy", List.of(directory.resolve("gone").toString()))
                .assertOneLine(FAILED, "which is not there");
    }

    @Test
    void directoriesNeedRowsAndRunsWhereStagesAreMadeAgain() {
        study("anatomy", List.of(TINY)).assertOneLine(REFUSED, "--batch: expected a file of rows");
        study("trajectory", List.of(TINY), "--batch", ROWS)
                .assertOneLine(REFUSED, "--from: expected a finished run");
        study("paths", List.of(TINY), "--batch", ROWS)
                .assertOneLine(REFUSED, "at least 2 models to go between");
    }

    @Test
    void modelsOfDifferentShapesAreToldApart() {
        String wide = GoldenCase.B_wide.folder().toString();
        study("anatomy", List.of(TINY, wide), "--batch", ROWS)
                .assertOneLine(
                        FAILED,
                        "models of the same shapes",
                        "A_tiny with",
                        "B_wide with",
                        "one by one");
    }

    @Test
    void pureBf16IsStudiedInF64Alone() throws IOException {
        Path pure = SampleFiles.checkpoint(GoldenCase.A_tiny, directory.resolve("pure"));
        Files.delete(pure.resolve("model.safetensors"));
        SampleFiles.edited(
                GoldenCase.A_tiny.file("model.safetensors"),
                pure.resolve("model.safetensors"),
                entry -> Stream.of(rounded(entry)));
        String[] rows = {"--batch", ROWS};
        study("anatomy", List.of(pure.toString()), rows)
                .assertOneLine(
                        REFUSED, "BF16 weights (bf16-pure)", "expected --dtype f64", "add it");
        study("anatomy", List.of(pure.toString()), "--batch", ROWS, "--dtype", "f32")
                .assertOneLine(REFUSED, "expected --dtype f64");
        study("anatomy", List.of(pure.toString()), "--batch", ROWS, "--dtype", "f64").assertDone();
    }

    /// The upper half of each F32.
    private static Entry rounded(Entry entry) {
        float[] values = entry.toFloats();
        short[] upper = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            upper[i] = (short) (Float.floatToIntBits(values[i]) >>> 16);
        }
        return new Entry(
                entry.name(), ElementType.BF16, entry.shape(), MemorySegment.ofArray(upper));
    }

    @Test
    void aLanczosThatDoesNotConvergeSaysHowFarItGot() {
        study(
                        "curvature",
                        List.of(TINY),
                        "--batch",
                        ROWS,
                        "--set",
                        "eigenpairs={count: 8, tolerance: 1e-12, mostSteps: 9}",
                        "--set",
                        "density={probes: 2, steps: 4}",
                        "--set",
                        "traceDraws=2")
                .assertOneLine(
                        FAILED,
                        "A_tiny, Hessian: lanczos: after 9 products",
                        "of 8 eigenpairs",
                        "the worst has",
                        "eigenpairs.mostSteps");
    }

    @Test
    void rowsThatDoNotFitSayWhatTheyNeed() throws IOException {
        int tokens = 400_000;
        Path rows = directory.resolve("long.safetensors");
        int[] ids = new int[tokens];
        List<Long> shape = List.of(1L, (long) tokens);
        SafeTensorsWriter.write(
                rows,
                List.of(
                        SampleFiles.integers("forget.input_ids", shape, ids),
                        SampleFiles.integers("retain.input_ids", shape, ids)));
        study("anatomy", List.of(TINY), "--batch", rows.toString())
                .assertOneLine(
                        REFUSED, "rows of 400000 tokens need about", "MiB", "use shorter rows");
    }
}
