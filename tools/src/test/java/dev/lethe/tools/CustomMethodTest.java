package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.tools.experiment.Toy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An objective of a user's own trains, is distilled, attacked and reported like the others.
class CustomMethodTest {
    private static final String TRAINING =
            "training: {steps: 3, rows: 8, microBatches: 2, schedule: constant, rate: 1e-3,"
                    + " lastRate: 1e-3, warmUp: 0, weightDecay: 0}";

    @TempDir Path folder;

    private Invocation lethe(String... arguments) {
        return Invocation.of(List.of(arguments));
    }

    private String npo(String settings) throws IOException {
        return "{name: npo, className: Npo, jar: '%s', settings: %s}"
                .formatted(CompiledJar.npo(folder), settings);
    }

    private Path study(String method) throws IOException {
        String yaml = Files.readString(Toy.write(folder));
        String custom = "  custom:\n    method: %s\n    %s\nguards:".formatted(method, TRAINING);
        Path file = folder.resolve("study.yaml");
        return Files.writeString(file, yaml.replace("guards:", custom));
    }

    @Test
    void hasItsRowsInTheReportOfAStudy() throws IOException {
        Path file = study(npo("{beta: 0.2}"));
        String runs = folder.resolve("runs").toString();
        Invocation done = lethe("run", file.toString(), "--runs", runs).assertDone();
        String results = Files.readString(folder.resolve("runs/toy/results.csv"));
        assertTrue(results.contains(",unlearn-npo,npo,"), results);
        assertTrue(results.contains(",distill-npo,npo,"), results);
        assertTrue(done.out().contains("distill-npo"), done.out());
        String page = Files.readString(folder.resolve("runs/toy/report.html"));
        assertTrue(page.contains("unlearn-npo"), "the page has it");
        // The file may go; what it was is part of the stage.
        Files.delete(folder.resolve("Npo.jar"));
        lethe("run", file.toString(), "--runs", runs).assertOneLine(1, "Npo.jar", "got none");
    }

    /// A model of one small layer.
    private Path base(String runs) throws IOException {
        Path base = folder.resolve("base");
        Path config = folder.resolve("pretrain.yaml");
        Files.writeString(
                config,
                "task: arithmetic\nmodel: {layers: 1, hiddenSize: 8, intermediateSize: 16, heads:"
                        + " 2, kvHeads: 1, headDim: 4, maxPositions: 64}\ndata: mixed\n"
                        + TRAINING);
        lethe("pretrain", "--config", config.toString(), "--runs", runs, "--out", base.toString())
                .assertDone();
        return base;
    }

    private Invocation unlearn(String custom, Path base, String runs, String out)
            throws IOException {
        Path file = folder.resolve("unlearn.yaml");
        Files.writeString(file, "task: arithmetic\ncustom: %s\n%s\n".formatted(custom, TRAINING));
        return lethe(
                "unlearn",
                "--config",
                file.toString(),
                "--from",
                base.toString(),
                "--runs",
                runs,
                "--out",
                folder.resolve(out).toString());
    }

    @Test
    void trainsAlone() throws IOException {
        String runs = folder.resolve("runs").toString();
        Path base = base(runs);
        Invocation done = unlearn(npo("{}"), base, runs, "unlearned").assertDone();
        assertTrue(done.out().contains("3 steps"), done.out());
        assertTrue(!done.out().contains("NaN"), done.out());
        unlearn(npo("{gamma: 1}"), base, runs, "again")
                .assertOneLine(1, "objective Npo: settings: expected alpha, beta, got gamma");
    }

    private static final String THROWING =
            """
            import dev.lethe.model.data.StepBatch;
            import dev.lethe.model.gemma2.Gemma2;
            import dev.lethe.model.objective.*;
            import java.util.*;
            public final class Throwing implements CustomObjective {
                public Throwing(ObjectiveSetup setup) {}
                public SequencedMap<String, Double> denominators(StepBatch whole) {
                    return new LinkedHashMap<>(Map.of("size", 1.0));
                }
                public LossTerms terms(
                        Gemma2 model, StepBatch part, SequencedMap<String, Double> means) {
                    throw new ArrayIndexOutOfBoundsException("index 7");
                }
            }
            """;

    @Test
    void aClassThatIsMissingOrThrowsIsOneLineAndLeavesNothing() throws IOException {
        String runs = folder.resolve("runs").toString();
        Path base = base(runs);
        Path jar = CompiledJar.of(folder, "Throwing", THROWING);
        String custom = "{name: own, className: %s, jar: '%s'}";
        unlearn(custom.formatted("Thrower", jar), base, runs, "missing")
                .assertOneLine(
                        1,
                        "objective Thrower: expected a class of",
                        "got none",
                        "correct the name");
        unlearn(custom.formatted("Throwing", jar), base, runs, "thrown")
                .assertOneLine(
                        1,
                        "objective Throwing: terms threw",
                        "ArrayIndexOutOfBoundsException: index 7",
                        "correct the class");
        assertEquals(false, Files.exists(folder.resolve("missing")));
        assertEquals(false, Files.exists(folder.resolve("thrown")));
    }

    @Test
    void badNamesAreRefused() throws IOException {
        String runs = folder.resolve("runs").toString();
        Path file = study("{name: rmu, className: Npo, jar: npo.jar}");
        lethe("run", file.toString(), "--runs", runs)
                .assertOneLine(2, "unlearning.custom.method: label: expected small letters");
        file = folder.resolve("study.yaml");
        Files.writeString(
                file, Files.readString(file).replace("name: rmu", "name: npo"));
        lethe("run", file.toString(), "--runs", runs)
                .assertOneLine(1, "npo.jar: expected a JAR that can be read, got none");
        assertEquals(false, Files.exists(folder.resolve("runs/toy")));
    }
}
