package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.tools.command.Console;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The experiments that come with the command, and what one seed of each takes.
final class PresetList {
    private PresetList() {}

    /// @param parameters of each model
    /// @param stages to be made
    /// @param teraflops of all stages, estimated
    record Preset(
            String experiment,
            int models,
            long parameters,
            int stages,
            double teraflops) {
        static Preset of(String name) {
            Experiment experiment =
                    ExperimentFile.read(name, List.of()).bind(Experiment.class);
            Graph graph =
                    new Graph(
                            experiment,
                            experiment.data().map(text -> text.unread(experiment.task())),
                            0);
            Set<StageSpec> stages = graph.stages().keySet();
            return new Preset(
                    name,
                    graph.models().size(),
                    experiment.model().config().parameterCount(),
                    stages.size(),
                    stages.stream().mapToDouble(stage -> Cost.of(stage).flops()).sum() * 1e-12);
        }
    }

    static void show(Console console) {
        List<Preset> presets = ExperimentFile.PRESETS.stream().map(Preset::of).toList();
        for (Preset one : presets) {
            console.line(
                    "%-21s %d models of %,d parameters, %d stages, about %,.0f TFLOP",
                    one.experiment, one.models, one.parameters, one.stages, one.teraflops);
        }
        console.json(Map.of("experiments", presets));
    }
}
