package dev.lethe.tools.experiment;

import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.configuration.Configuration;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.RunFiles;
import dev.lethe.tools.report.results.Summary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What `lethe run` or `lethe demo` left: results, and where each model is in the store.
///
/// @param place `<runs>/<experiment>`
/// @param run its files
/// @param store that its stages are in, beside its directory
/// @param members every model of every seed
public record FinishedRun(
        Path place,
        Run run,
        Mixtures mixtures,
        StageStore store,
        Precision precision,
        List<Member> members) {
    private static final List<String> FILES =
            List.of(RunFiles.CONFIGURATION, RunFiles.SUMMARY, RunFiles.RESULTS);

    /// A model of one seed.
    ///
    /// @param name as in `results.csv`
    /// @param method of unlearning behind it, empty where there is none
    /// @param attacks by relearning all forget data, one a learning rate
    public record Member(
            String name,
            long seed,
            String method,
            StageSpec.MakesModel stage,
            Path directory,
            List<StageSpec.Relearn> attacks) {}

    /// Whether a directory looks like one.
    public static boolean is(Path directory) {
        return FILES.stream().allMatch(file -> Files.isRegularFile(directory.resolve(file)));
    }

    /// @throws FailedException where a model is not in the store
    public static FinishedRun open(Path directory) {
        Configuration file = Configuration.read(directory.resolve(RunFiles.CONFIGURATION));
        Experiment experiment = file.bind(Experiment.class);
        Run run = RunFiles.read(directory);
        Summary summary = run.summary();
        Precision precision = precision(directory, summary.dtype());
        Path stages = directory.toAbsolutePath().normalize().resolveSibling("stages");
        StageStore store = new StageStore(stages, summary.device(), precision);
        List<Member> members = new ArrayList<>();
        for (long seed : summary.seeds()) {
            Graph graph = new Graph(experiment, experiment.corpus(), seed);
            for (Graph.Model model : graph.models()) {
                members.add(member(directory, store, graph, model));
            }
        }
        return new FinishedRun(
                directory,
                run,
                experiment.mixtures(),
                store,
                precision,
                List.copyOf(members));
    }

    private static Member member(
            Path run, StageStore store, Graph graph, Graph.Model model) {
        Path directory = store.directory(model.stage());
        if (!Files.isDirectory(directory)) {
            throw new FailedException(
                    "--from: %s: expected its model %s (seed %d) in %s, got none; run it again beside its stages"
                            .formatted(run, model.name(), graph.seed(), directory));
        }
        List<StageSpec.Relearn> attacks =
                graph.attacks(model).stream()
                        .filter(attack -> attack.kind() == Attack.RELEARN)
                        .map(Graph.Relearning::stage)
                        .toList();
        return new Member(
                model.name(), graph.seed(), model.method(), model.stage(), directory, attacks);
    }

    private static Precision precision(Path directory, String word) {
        for (Precision one : Precision.values()) {
            if (one.word().equals(word)) {
                return one;
            }
        }
        throw new FailedException(
                "%s: expected a known dtype, got %s; run it again"
                        .formatted(directory.resolve(RunFiles.SUMMARY), word));
    }

    /// The filter of the first seed after the run's, perhaps still to be made: the same training
    /// from other weights.
    public StageSpec.MakesModel freshFilter() {
        Experiment experiment =
                Configuration.read(place.resolve(RunFiles.CONFIGURATION)).bind(Experiment.class);
        long seed = run.summary().seeds().stream().mapToLong(s -> s).max().orElseThrow() + 1;
        return new Graph(experiment, experiment.corpus(), seed)
                .models().stream()
                        .filter(model -> model.name().equals(Findings.FILTER))
                        .findFirst()
                        .orElseThrow()
                        .stage();
    }

    /// What the results say of each model.
    public Findings findings() {
        return new Findings(
                run.results(), run.summary().models(), run.summary().thresholds());
    }
}
