package dev.lethe.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.kernels.Backends;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.StageMemory;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.tools.command.RefusedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How the presets of the paper's size are cut to fit a card.
class MicroBatchesTest {
    @TempDir private Path directory;

    private static MemoryBudget card(double gibibytes) {
        double bytes = gibibytes * 0x1p30;
        return new MemoryBudget("the card", bytes, 0.9 * bytes, bytes);
    }

    private static MicroBatches choose(
            Graph graph, Backend backend, double gibibytes, Map<String, Integer> kept) {
        StageMemory memory = new StageMemory(backend, Precision.F32, 1);
        Set<StageSpec> stages = graph.stages().keySet();
        return MicroBatches.choose(graph.experiment(), stages, memory, card(gibibytes), kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arithmetic-paper", "language-paper"})
    void keepTheRowsOfAStepAndTakeTheFewestPartsThatFit(String name) {
        // RepNoise cannot be cut.
        Graph graph = PaperPresetTest.graph(name, "guards.repnoise.training.rows=1");
        try (Backend backend = Backends.open("cpu")) {
            MicroBatches large = choose(graph, backend, 1000, Map.of());
            assertTrue(large.areAsAsked());
            assertEquals(List.of(), large.settings());
            MicroBatches small = choose(graph, backend, 32, Map.of());
            assertEquals(small, choose(graph, backend, 32, Map.of()));
            assertEquals(large.chosen().keySet(), small.chosen().keySet());
            small.chosen()
                    .forEach(
                            (place, choice) -> {
                                assertEquals(large.chosen().get(place).rows(), choice.rows());
                                assertTrue(choice.taken() >= choice.asked(), place);
                                boolean whole = choice.rows() % choice.taken() == 0;
                                assertTrue(whole || choice.taken() == choice.asked(), place);
                                assertTrue(choice.estimate().total() <= 0.9 * 32 * 0x1p30, place);
                            });
        }
    }

    @Test
    void smallerCardsTakeMorePartsOfFewerRows() {
        // RepNoise cannot be cut.
        Graph graph = PaperPresetTest.graph("arithmetic-paper", "guards.repnoise.training.rows=1");
        try (Backend backend = Backends.open("cpu")) {
            double most =
                    choose(graph, backend, 1000, Map.of()).chosen().values().stream()
                            .mapToDouble(choice -> choice.estimate().total())
                            .max()
                            .orElseThrow();
            int before = 0;
            for (double part : List.of(1.2, 0.9, 0.8)) {
                MicroBatches parts =
                        choose(
                                graph,
                                backend,
                                part * most / 0x1p30,
                                Map.of());
                int all = parts.chosen().values().stream().mapToInt(MicroBatches.Choice::taken).sum();
                assertTrue(part == 0.9 ? all > before : all >= before, part + ": " + all);
                before = all;
            }
        }
    }

    @Test
    void aRunThatGoesOnKeepsItsParts() {
        Graph graph = PaperPresetTest.graph("language-paper");
        try (Backend backend = Backends.open("cpu")) {
            StageStore store = new StageStore(directory, "cpu", Precision.F32);
            StagePlan plan = new StagePlan(store, graph);
            assertEquals(Map.of(), plan.kept());
            MicroBatches first =
                    choose(graph, backend, 1000, Map.of("distillation", 80, "attack", 4));
            assertEquals(80, first.chosen().get("distillation").taken());
            assertEquals(60, first.chosen().get("distillation").asked());
            assertEquals(
                    List.of("distillation.microBatches=80", "attack.microBatches=4"),
                    first.settings().reversed());
            plan.keep(first);
            Map<String, Integer> kept = new StagePlan(store, graph).kept();
            assertEquals(80, kept.get("distillation"));
            assertEquals(first, choose(graph, backend, 1000, kept));
            plan.keep(choose(graph, backend, 1000, Map.of())); // the first word counts
            assertEquals(kept, plan.kept());
        }
    }

    @Test
    void repNoiseIsRefusedWhole() {
        Graph graph = PaperPresetTest.graph("arithmetic-paper");
        try (Backend backend = Backends.open("cpu")) {
            String message =
                    assertThrows(
                                    RefusedException.class,
                                    () -> choose(graph, backend, 48, Map.of()))
                            .getMessage();
            assertTrue(message.startsWith("guards.repnoise.training: "), message);
            assertTrue(message.contains("a micro-batch of 40 rows of 256 tokens"), message);
            assertTrue(message.contains("lower guards.repnoise.training.rows"), message);
        }
    }

    @Test
    void whatFitsInNoPartsIsOneLineBeforeAnyWork() {
        Graph graph = PaperPresetTest.graph("arithmetic-paper");
        try (Backend backend = Backends.open("cpu")) {
            String message =
                    assertThrows(
                                    RefusedException.class,
                                    () -> choose(graph, backend, 4, Map.of()))
                            .getMessage();
            assertEquals(1, message.lines().count());
            assertTrue(
                    message.matches(
                            "pretraining: expected at most 3.60 GiB of the 4.00 GiB that the card has,"
                                    + " got \\d+\\.\\d\\d GiB for a micro-batch of 1 row of 256 tokens;.*"),
                    message);
            MicroBatches fits = choose(graph, backend, 1000, Map.of());
            MemoryBudget taken = new MemoryBudget("the card", 1e12, 9e11, 0x1p30);
            String free =
                    assertThrows(RefusedException.class, () -> fits.requireFree(taken))
                            .getMessage();
            assertTrue(free.contains("got 1.00 GiB of the"), free);
        }
    }
}
