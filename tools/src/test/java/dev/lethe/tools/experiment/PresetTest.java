package dev.lethe.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.tools.configuration.Configuration;
import dev.lethe.tools.report.results.Attack;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The experiments that come with the command.
class PresetTest {
    private static Experiment preset(String name) {
        return ExperimentFile.read(name, List.of()).bind(Experiment.class);
    }

    private static Map<String, StageSpec.MakesModel> models(Graph graph) {
        return graph.models().stream()
                .collect(Collectors.toMap(Graph.Model::name, Graph.Model::stage));
    }

    @ParameterizedTest
    @ValueSource(strings = {"arithmetic-miniature", "language-miniature"})
    void haveTheModelsOfTheContract(String name) {
        Graph graph = new Graph(preset(name), 42);
        assertEquals(
                List.of(
                        "base",
                        "filter",
                        "unlearn-graddiff",
                        "unlearn-maxent",
                        "unlearn-rmu",
                        "unlearn-maxent-sam",
                        "unlearn-maxent-repnoise",
                        "student-random",
                        "student-reference",
                        "distill-graddiff",
                        "distill-maxent",
                        "distill-rmu",
                        "undo-0.2",
                        "undo-0.4",
                        "undo-0.6",
                        "undo-0.8"),
                graph.models().stream().map(Graph.Model::name).toList());
        assertEquals(name, graph.experiment().experiment());
    }

    @ParameterizedTest
    @ValueSource(strings = {"arithmetic-miniature", "language-miniature"})
    void attackEverythingButBaseStronglyEnough(String name) {
        Experiment experiment = preset(name);
        List<Double> rates = experiment.attack().rates();
        assertTrue(rates.size() >= (name.startsWith("language") ? 4 : 3), rates.toString());
        assertTrue(Collections.max(rates) >= experiment.pretraining().rate(), rates.toString());
        assertTrue(Collections.max(rates) >= 10 * Collections.min(rates), rates.toString());
        Graph graph = new Graph(experiment, 42);
        for (Graph.Model model : graph.models()) {
            List<Graph.Relearning> attacks = graph.attacks(model);
            long whole = attacks.stream().filter(one -> one.kind() == Attack.RELEARN).count();
            assertEquals(model.name().equals("base") ? 0 : rates.size(), whole, model.name());
            assertEquals(
                    model.name().equals("base") ? 0 : 1, attacks.size() - whole, model.name());
            assertEquals(
                    model.name().equals("base") ? 0 : 1,
                    attacks.stream()
                            .filter(one -> !one.stage().questions().prompts().isEmpty())
                            .count());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"arithmetic-miniature", "language-miniature"})
    void beginWithWeightsOfTheirOwnAndShowAllStudentsTheSame(String name) {
        var models = models(new Graph(preset(name), 42));
        var base = assertInstanceOf(StageSpec.Pretrain.class, models.get("base"));
        var filter = assertInstanceOf(StageSpec.Pretrain.class, models.get("filter"));
        var random = assertInstanceOf(StageSpec.Distill.class, models.get("student-random"));
        var reference = assertInstanceOf(StageSpec.Distill.class, models.get("student-reference"));
        assertEquals(3, Set.of(base.seed(), filter.seed(), random.seed()).size());
        assertEquals(random.seed(), reference.seed());
        assertEquals(random.data(), reference.data());
        assertEquals(random.optimization(), reference.optimization());
        assertEquals(filter, random.teacher());
        assertEquals(filter, reference.teacher());
        assertEquals(base, reference.from().orElseThrow());
        assertEquals(random, assertInstanceOf(Stop.KlMatches.class, reference.stop()).other());
    }

    @Test
    void seedsShareNothing() {
        Experiment experiment = preset("arithmetic-miniature");
        Set<StageSpec> all = new HashSet<>();
        int each = 0;
        for (long seed = 42; seed < 45; seed++) {
            Set<StageSpec> own = new Graph(experiment, seed).stages().keySet();
            each = own.size();
            all.addAll(own);
        }
        assertEquals(3 * each, all.size());
        // 16 models and their evaluations, 4 perturbations, 15 models under 4 attacks.
        assertEquals(2 * 16 + 4 + 15 * 4, each);
    }

    @Test
    void everyStageComesAfterItsInputs() {
        Set<StageSpec> before = new HashSet<>();
        for (StageSpec stage : new Graph(preset("language-miniature"), 1).stages().keySet()) {
            assertTrue(before.containsAll(stage.inputs()), stage.getClass().toString());
            assertTrue(before.add(stage));
        }
    }

    /// The single-stage commands take the same where their files say nothing.
    @ParameterizedTest
    @ValueSource(strings = {"arithmetic-miniature", "language-miniature"})
    void mixturesAreThoseOfTheTask(String name) {
        Experiment experiment = preset(name);
        assertEquals(Mixtures.of(experiment.task()), experiment.mixtures());
    }

    @Test
    void otherSharesAreOtherStages() {
        Map<String, StageSpec.MakesModel> before =
                models(new Graph(preset("arithmetic-miniature"), 42));
        Map<String, StageSpec.MakesModel> after =
                models(
                        new Graph(
                                ExperimentFile.read(
                                                "arithmetic-miniature",
                                                List.of("mixtures.forget={mul: 0.25, div: 0.75}"))
                                        .bind(Experiment.class),
                                42));
        assertEquals(before.get("base"), after.get("base"));
        assertEquals(before.get("student-random"), after.get("student-random"));
        assertNotEquals(before.get("unlearn-rmu"), after.get("unlearn-rmu"));
    }

    @Test
    void resolvedFilesSayTheSame() {
        for (String name : ExperimentFile.PRESETS) {
            Configuration file = ExperimentFile.read(name, List.of("undo.alphas=[0.5]"));
            assertEquals(
                    file.bind(Experiment.class),
                    Configuration.parse("resolved", file.yaml()).bind(Experiment.class));
            assertEquals(List.of(0.5), file.bind(Experiment.class).undo().alphas());
        }
        Experiment changed =
                ExperimentFile.read("arithmetic-miniature", List.of("attack.rates.0=2e-4"))
                        .bind(Experiment.class);
        assertEquals(List.of(2e-4, 1e-3, 3e-3), changed.attack().rates());
    }
}
