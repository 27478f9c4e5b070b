package dev.lethe.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.evaluate.ArithmeticAnswers;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.stage.Start;
import dev.lethe.tools.demo.ArithmeticRecipe.Attack;
import dev.lethe.tools.demo.ArithmeticRecipe.Training;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.report.RunDirectory;
import dev.lethe.tools.report.results.Thresholds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole miniature at toy size: few steps of a tiny model, one of its attacks bound to diverge.
class ArithmeticExperimentTest {
    private static final ArithmeticRecipe TOY =
            new ArithmeticRecipe(
                    Gemma2Presets.ARITHMETIC_MINIATURE.toBuilder()
                            .hiddenSize(16)
                            .intermediateSize(32)
                            .layerKinds(
                                    Gemma2Presets.ARITHMETIC_MINIATURE.layerKinds().subList(0, 1))
                            .heads(2)
                            .kvHeads(1)
                            .headDim(8)
                            .queryPreAttnScalar(8)
                            .build(),
                    new Training(16, 3, 6, new Schedule.Cosine(1e-2, 1e-3, 2, 6)),
                    new Training(8, 2, 3, new Schedule.Constant(1e-3, 0)),
                    4,
                    new Training(16, 4, 5, new Schedule.Cosine(1e-2, 1e-3, 2, 5)),
                    new Attack(8, List.of(1e-3, 1e30), List.of(0L, 1L, 2L, 4L)),
                    Thresholds.ofAccuracy(2, 0.2).judging(List.of("maxent")));

    @TempDir private Path runs;

    private ArithmeticExperiment.Result run(int threads, String name, List<String> lines) {
        try (Backend backend = Backends.open("cpu");
                Workers workers = new Workers(threads);
                RunDirectory directory = RunDirectory.open(runs, name)) {
            Progress progress = new Progress(Progress.Style.LINES, lines::add);
            return new ArithmeticExperiment(TOY, List.of(42L, 43L))
                    .run(new Machine(backend, DType.F32, workers), directory, progress);
        }
    }

    @Test
    void leavesAllFilesAndTheSameForAnyNumberOfThreads() throws Exception {
        List<String> lines = new ArrayList<>();
        var result = run(1, "one", lines);
        assertTrue(result.report().warning().isEmpty(), result.report().warning().toString());
        assertEquals(
                List.of("base", "filter", "unlearn-maxent", "distill-maxent", "relearning attacks"),
                lines.stream().skip(1).limit(5).map(line -> line.split(":")[0]).toList());

        String csv = Files.readString(runs.resolve("one/results.csv"));
        // Before: 2 seeds x 4 models x 2 metrics. Attacks on 3 models: 4 points of the sound one, 2
        // of
        // the diverging one (steps 0 and 1), and its divergence.
        assertEquals(1 + 2 * (4 * 2 + 3 * (4 + 2 + 1)), csv.lines().count(), csv);
        assertEquals(6, csv.lines().filter(row -> row.contains(",2,diverged,1,,")).count(), csv);

        JsonNode summary = new ObjectMapper().readTree(runs.resolve("one/summary.json").toFile());
        assertEquals("arithmetic-miniature", summary.get("experiment").asText());
        assertEquals(8, summary.get("models").size());
        assertTrue(summary.get("models").get(3).get("teacher_flops").asDouble() > 0);
        assertEquals("steps", summary.get("models").get(0).get("stopped").asText());
        assertEquals(7, summary.get("claims").size());
        assertTrue(Files.readString(runs.resolve("one/figures/recovery-maxent.svg")).contains("<svg"));

        run(2, "two", lines);
        assertEquals(csv, Files.readString(runs.resolve("two/results.csv")));
        Path model = Path.of("models/seed-43/distill-maxent/model.safetensors");
        assertEquals(
                -1,
                Files.mismatch(
                        runs.resolve("one").resolve(model), runs.resolve("two").resolve(model)));
    }

    @Test
    void savedModelsAreReadBack() throws Exception {
        var result = run(2, "saved", new ArrayList<>());
        for (var made : result.seeds().getFirst().models()) {
            Path place = runs.resolve("saved/models/seed-42").resolve(made.name());
            try (Backend backend = Backends.open("cpu");
                    Workers workers = new Workers(1);
                    Gemma2 model = Gemma2Checkpoint.load(place, backend, DType.F32)) {
                assertEquals(
                        made.before(), ArithmeticAnswers.accuracies(model, workers), made.name());
            }
            long steps = made.compute().steps();
            assertEquals(steps, Files.readAllLines(place.resolve("metrics.jsonl")).size());
        }
    }

    @Test
    void baseFilterAndStudentBeginWithWeightsOfTheirOwn() {
        ArithmeticStages stages = new ArithmeticStages(TOY, 42);
        Set<Start> starts =
                Set.of(
                        stages.base().start(),
                        stages.filter().start(),
                        stages.distill(null).start());
        assertEquals(3, starts.size());
    }
}
