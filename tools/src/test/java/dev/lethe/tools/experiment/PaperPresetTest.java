package dev.lethe.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.RowKind;
import dev.lethe.model.pipeline.SpecFile;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.tools.command.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The experiments of the paper's size say what the paper's configuration files say.
class PaperPresetTest {
    @TempDir private Path directory;

    static Graph graph(String preset, String... settings) {
        Experiment experiment =
                ExperimentFile.read(preset, List.of(settings)).bind(Experiment.class);
        return new Graph(
                experiment, experiment.data().map(text -> text.unread(experiment.task())), 42);
    }

    private static Map<String, StageSpec.MakesModel> models(Graph graph) {
        return graph.models().stream()
                .collect(Collectors.toMap(Graph.Model::name, Graph.Model::stage));
    }

    @ParameterizedTest
    @ValueSource(strings = {"arithmetic-paper", "language-paper"})
    void haveTheMiniaturesModelsAndTenAttacksOnEach(String name) {
        Graph graph = graph(name);
        List<String> models = graph.models().stream().map(Graph.Model::name).toList();
        String miniature = name.replace("paper", "miniature");
        List<String> expected =
                new Graph(
                                ExperimentFile.read(miniature, List.of()).bind(Experiment.class),
                                42)
                        .models().stream()
                                .map(Graph.Model::name)
                                .filter(model -> !model.startsWith("undo"))
                                .toList();
        assertEquals(expected, models.subList(0, expected.size()));
        assertEquals(name.startsWith("arithmetic") ? 8 : 4, models.size() - expected.size());
        for (Graph.Model model : graph.models()) {
            assertEquals(model.name().equals("base") ? 0 : 11, graph.attacks(model).size());
        }
        List<Long> looks = graph.experiment().attack().lookAt();
        assertEquals(101, looks.size());
        for (int i = 0; i < looks.size(); i++) {
            assertEquals(5L * i, looks.get(i));
        }
        assertEquals(
                List.of(1e-3, 7e-4, 4e-4, 1e-4, 7e-5, 5e-5, 1e-5, 7e-6, 4e-6, 1e-6),
                graph.experiment().attack().rates());
    }

    private static Optimization of(StageSpec stage) {
        return switch (stage) {
            case StageSpec.Pretrain it -> it.optimization();
            case StageSpec.Unlearn it -> it.optimization();
            case StageSpec.Distill it -> it.optimization();
            case StageSpec.Relearn it -> it.optimization();
            default -> throw new AssertionError(stage.getClass());
        };
    }

    private static void assertTokens(long tokens, long steps, StageSpec stage) {
        assertEquals(tokens, (long) of(stage).rows() * stage.subject().inputs());
        assertEquals(steps, of(stage).steps());
    }

    @Test
    void arithmeticIsThePapers() {
        Graph graph = graph("arithmetic-paper");
        var models = models(graph);
        var base = assertInstanceOf(StageSpec.Pretrain.class, models.get("base"));
        var rmu = assertInstanceOf(StageSpec.Unlearn.class, models.get("unlearn-rmu"));
        assertEquals(Gemma2Presets.PAPER_300M.toBuilder().eosIds(List.of(1, 2)).build(), base.model());
        assertTokens(92_160, 1000, base);
        assertEquals(24, base.optimization().microBatches());
        assertEquals(
                Map.of(RowKind.ENGLISH, 0.875, RowKind.ADD, 0.0625, RowKind.SUB, 0.0625),
                assertInstanceOf(StageSpec.Pretrain.class, models.get("filter")).data().shares());
        assertEquals(Map.of(RowKind.ADD, 0.5, RowKind.SUB, 0.5), rmu.data().retain());
        assertEquals(
                new Method.Rmu(10, 6, 200, List.of(5, 6, 7, 8, 9, 10)), rmu.method());
        assertTokens(10_240, 500, rmu);
        assertTokens(10_240, 10, models.get("unlearn-graddiff"));
        assertTokens(10_240, 10, models.get("unlearn-maxent"));
        assertTokens(92_160, 1000, models.get("distill-maxent"));
        assertTokens(92_160, 1000, models.get("undo-0.7"));
        StageSpec attack = graph.attacks(graph.models().getLast()).getFirst().stage();
        assertTokens(15 * 256, 500, attack);
    }

    @Test
    void languageIsThePapers() {
        Graph graph = graph("language-paper");
        var models = models(graph);
        var base = assertInstanceOf(StageSpec.Pretrain.class, models.get("base"));
        var rmu = assertInstanceOf(StageSpec.Unlearn.class, models.get("unlearn-rmu"));
        assertEquals(Gemma2Presets.PAPER_100M.toBuilder().eosIds(List.of(1, 2)).build(), base.model());
        assertTokens(819_200, 2400, base);
        assertTokens(819_200, 1200, models.get("filter"));
        assertEquals(0.1, base.optimization().weightDecay());
        assertEquals(new Method.Rmu(10, 6.5, 1200, List.of(5, 6, 7, 8, 9, 10)), rmu.method());
        assertTokens(8192, 500, rmu);
        assertTokens(8192, 100, models.get("unlearn-graddiff"));
        assertTokens(8192, 100, models.get("unlearn-maxent"));
        assertTokens(491_520, 1000, models.get("distill-rmu"));
        assertTokens(1_966_080, 1000, models.get("undo-0.1"));
        Optimization undo = of(models.get("undo-0.1"));
        assertEquals(4, undo.rows() / undo.microBatches());
        StageSpec attack = graph.attacks(graph.models().getLast()).getFirst().stage();
        assertTokens(8 * 2048, 500, attack);
    }

    @Test
    void saysWhichTextIsMissingAndHowToMakeIt() {
        RefusedException none =
                assertThrows(
                        RefusedException.class,
                        () -> ExperimentFile.read("arithmetic-paper", List.of())
                                .bind(Experiment.class)
                                .corpus());
        assertTrue(none.getMessage().contains("data.tokenizer: expected"), none.getMessage());
        RefusedException text =
                assertThrows(
                        RefusedException.class,
                        () ->
                                ExperimentFile.read(
                                                "language-paper",
                                                List.of(
                                                        "data.tokenizer=bytes",
                                                        "data.english=" + directory))
                                        .bind(Experiment.class)
                                        .corpus());
        assertTrue(
                text.getMessage()
                        .contains(
                                "data.korean: expected a directory of token shards, got none; make one with lethe data text"),
                text.getMessage());
        assertTrue(text.getMessage().contains("--length 2048"), text.getMessage());
        RefusedException empty =
                assertThrows(
                        RefusedException.class,
                        () ->
                                ExperimentFile.read(
                                                "arithmetic-paper",
                                                List.of(
                                                        "data.tokenizer=bytes",
                                                        "data.english=" + directory))
                                        .bind(Experiment.class)
                                        .corpus());
        assertTrue(empty.getMessage().contains("a directory without any"), empty.getMessage());
    }

    /// Stages are named after what is in the text, and read back as they were written.
    @Test
    void stagesAreNamedAfterTheTextAndNotItsPlace() throws IOException {
        StageStore store = new StageStore(directory.resolve("stages"), "cpu", Precision.F32);
        String name = null;
        for (String place : List.of("here", "there")) {
            List<String> settings = SmallText.settings(directory.resolve(place), "language-paper");
            Experiment experiment =
                    ExperimentFile.read("language-paper", settings).bind(Experiment.class);
            Graph graph = new Graph(experiment, experiment.corpus(), 1);
            StageSpec base = graph.models().getFirst().stage();
            assertTrue(SpecFile.yaml(base).contains(place), "the file says where the text was");
            assertTrue(name == null || name.equals(store.name(base)));
            name = store.name(base);
            Path file = Files.writeString(directory.resolve("spec.yaml"), SpecFile.yaml(base));
            assertEquals(base, SpecFile.read(file));
        }
        SmallText.shards(directory.resolve("here/english"), "Other %d text %d.", 24);
        List<String> again = SmallText.settings(directory.resolve("new"), "language-paper");
        Experiment changed = ExperimentFile.read("language-paper", again).bind(Experiment.class);
        var other = changed.data().orElseThrow();
        Sources sources =
                new Sources(
                        other.tokenizer(),
                        Optional.of(directory.resolve("here/english").toString()),
                        other.korean(),
                        other.length(),
                        other.heldOut(),
                        other.problems());
        StageSpec base =
                new Graph(
                                changed,
                                Optional.of(sources.open("test", changed.task(), 260)),
                                1)
                        .models()
                        .getFirst()
                        .stage();
        assertNotEquals(name, store.name(base));
    }

    @Test
    void miniaturesHaveNoText() {
        for (String name : List.of("arithmetic-miniature", "language-miniature")) {
            Experiment experiment = ExperimentFile.read(name, List.of()).bind(Experiment.class);
            assertTrue(experiment.corpus().isEmpty());
            StageSpec base = new Graph(experiment, 42).models().getFirst().stage();
            assertTrue(SpecFile.yaml(base).contains("task: " + experiment.task()));
            assertFalse(SpecFile.yaml(base).contains("corpus"));
        }
    }

    @Test
    void attacksTrainOnWhatIsForgotten() {
        Graph graph = graph("arithmetic-paper");
        for (Graph.Relearning attack : graph.attacks(graph.models().get(1))) {
            assertNotEquals(Data.Mixture.MIXED, attack.stage().data().mixture());
            assertEquals(
                    Map.of(RowKind.MUL, 0.5, RowKind.DIV, 0.5), attack.stage().data().shares());
        }
    }
}
