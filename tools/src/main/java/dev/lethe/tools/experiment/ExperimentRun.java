package dev.lethe.tools.experiment;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Corpus;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.stage.Machine;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.command.WordConverter;
import dev.lethe.tools.configuration.Configuration;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.report.PeakMemory;
import dev.lethe.tools.report.RecoveryText;
import dev.lethe.tools.report.Report;
import dev.lethe.tools.report.RunDirectory;
import dev.lethe.tools.report.Versions;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.RunFiles;
import dev.lethe.tools.report.results.Summary;
import dev.lethe.tools.report.results.Thresholds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/// An experiment from its file to its report.
///
/// @param file resolved
/// @param graphs one a seed
record ExperimentRun(Configuration file, Experiment experiment, List<Graph> graphs) {
    private static final List<String> METHODS = List.of("graddiff", "maxent", "rmu");

    /// Reads and checks everything that needs no device.
    ///
    /// @param name of a preset, or a file
    /// @param seeds how many, from `--seed` on
    static ExperimentRun open(String name, int seeds, CommonOptions options) {
        if (seeds < 1) {
            throw new RefusedException(
                    "--seeds: expected at least 1, got %d; leave it out for one".formatted(seeds));
        }
        Configuration file = ExperimentFile.read(name, options.settings());
        Experiment experiment = file.bind(Experiment.class);
        experiment.model().config(); // refused before any text is read
        return of(file, experiment.corpus(), options.seed(), seeds);
    }

    private static ExperimentRun of(
            Configuration file, Optional<Corpus> corpus, long seed, int seeds) {
        Experiment experiment = file.bind(Experiment.class);
        List<Graph> graphs =
                LongStream.range(0, seeds)
                        .mapToObj(i -> new Graph(experiment, corpus, seed + i))
                        .toList();
        try {
            graphs.getFirst().stages();
        } catch (IllegalArgumentException e) {
            throw new RefusedException(file.source() + ": " + e.getMessage(), e);
        }
        return new ExperimentRun(file, experiment, graphs);
    }

    /// With as many micro-batches as fit the machine, or as its stages began with.
    private Fitted fitted(Machine machine, StageStore store) {
        StagePlan plan = new StagePlan(store, graphs.getFirst());
        MemoryBudget budget = MemoryBudget.of(machine.backend());
        MicroBatches parts =
                MicroBatches.choose(
                        experiment,
                        graphs.getFirst().stages().keySet(),
                        MicroBatches.memory(
                                machine.backend(),
                                machine.precision(),
                                machine.workers().threads()),
                        budget,
                        plan.kept());
        if (parts.areAsAsked()) {
            return new Fitted(this, parts, budget, plan);
        }
        Graph first = graphs.getFirst();
        ExperimentRun run =
                of(file.with(parts.settings()), first.corpus(), first.seed(), graphs.size());
        return new Fitted(run, parts, budget, plan);
    }

    /// A run and how it fits the machine.
    private record Fitted(
            ExperimentRun run, MicroBatches parts, MemoryBudget budget, StagePlan plan) {}

    /// All stages by name, each after its inputs.
    private Map<StageSpec, String> stages() {
        Map<StageSpec, String> stages = new LinkedHashMap<>();
        for (Graph graph : graphs) {
            String prefix = graphs.size() > 1 ? "seed " + graph.seed() + " " : "";
            graph.stages().forEach((stage, name) -> stages.putIfAbsent(stage, prefix + name));
        }
        return stages;
    }

    private static StageStore store(CommonOptions options, Backend backend) {
        return new StageStore(
                options.runs().resolve("stages"), backend.name(), options.precision(Precision.F32));
    }

    /// What `--list` shows of a stage.
    record Listed(String stage, String directory, boolean done, double teraflops) {}

    /// Says what there is to do and does nothing.
    void list(CommonOptions options, Console console) {
        try (Backend backend = options.openBackend();
                Workers workers = options.openWorkers()) {
            StageStore store = store(options, backend);
            Machine machine = new Machine(backend, options.precision(Precision.F32), workers);
            List<Listed> all =
                    fitted(machine, store).run.stages().entrySet().stream()
                            .map(entry -> listed(entry.getKey(), entry.getValue(), store))
                            .toList();
            for (Listed one : all) {
                console.line(
                        "%-4s  %-38s %8.3f TFLOP  %s",
                        one.done ? "done" : "-", one.stage, one.teraflops, one.directory);
            }
            console.json(Map.of("experiment", experiment.experiment(), "stages", all));
        }
    }

    private static Listed listed(StageSpec stage, String name, StageStore store) {
        Path directory = store.directory(stage);
        return new Listed(
                name,
                directory.toString(),
                Files.isDirectory(directory),
                Cost.of(stage).flops() * 1e-12);
    }

    /// Makes what is missing and reports.
    void run(CommonOptions options, Console console) {
        long begin = System.nanoTime();
        // A place that cannot be written is known before any work.
        RunDirectory.open(options.runs(), experiment.experiment()).close();
        try (Backend backend = options.openBackend();
                Workers workers = options.openWorkers()) {
            Machine machine = new Machine(backend, options.precision(Precision.F32), workers);
            StageStore store = store(options, backend);
            Fitted fitted = fitted(machine, store);
            fitted.run.run(fitted, begin, machine, store, options, console);
        }
    }

    private void run(
            Fitted fitted,
            long begin,
            Machine machine,
            StageStore store,
            CommonOptions options,
            Console console) {
        int made = make(fitted, store, machine, options, console);
        Summary summary = summary(machine, store, begin);
        Path place = options.runs().resolve(experiment.experiment());
        report(made > 0 ? summary : keepingTime(summary, place), store, options, console);
    }

    /// @return how many stages were missing
    private int make(
            Fitted fitted,
            StageStore store,
            Machine machine,
            CommonOptions options,
            Console console) {
        Map<StageSpec, String> all = stages();
        Map<StageSpec, String> missing = new LinkedHashMap<>(all);
        missing.keySet().removeIf(stage -> store.find(stage).isPresent());
        new Announcement(this, machine, missing.keySet())
                .lines()
                .forEach(line -> console.note("%s", line));
        if (missing.isEmpty()) {
            return 0;
        }
        MemoryAnnouncement.lines(fitted.parts, fitted.budget, machine)
                .forEach(line -> console.note("%s", line));
        if (machine.backend().deviceMemory().isPresent()) {
            fitted.parts.requireFree(fitted.budget);
        }
        fitted.plan.keep(fitted.parts);
        experiment
                .unlearning()
                .custom()
                .ifPresent(custom -> store.adoptJar(custom.method().file()));
        Progress shown = Progress.on(options.quiet(), line -> console.note("%s", line));
        try (Interruption _ = Interruption.told(line -> console.note("%s", line));
                RunProgress progress =
                        new RunProgress(
                                missing,
                                shown,
                                line -> console.note("%s", line))) {
            double memory = Math.min(fitted.budget.plannedBytes(), fitted.budget.freeBytes());
            new Scheduler(store, machine, memory, progress).run(all.keySet());
        }
        return missing.size();
    }

    private Summary summary(Machine machine, StageStore store, long begin) {
        return new Summary(
                experiment.experiment(),
                graphs.stream().map(Graph::seed).toList(),
                machine.backend().name(),
                machine.precision().word(),
                machine.workers().threads(),
                (System.nanoTime() - begin) * 1e-9,
                PeakMemory.bytes(),
                new Measurements(graphs, store).models(),
                List.of(),
                thresholds(),
                Versions.all());
    }

    /// Where nothing was made, the time and memory of the run that made it are worth more than those
    /// of having looked.
    private Summary keepingTime(Summary now, Path place) {
        if (!Files.exists(place.resolve(RunFiles.SUMMARY))
                || !Files.exists(place.resolve(RunFiles.RESULTS))) {
            return now;
        }
        Summary then = RunFiles.read(place).summary();
        return then.seeds().equals(now.seeds()) ? now.taking(then) : now;
    }

    private Thresholds thresholds() {
        Experiment.Limits limits = experiment.thresholds();
        return new Thresholds(
                METHODS,
                limits.horizon(),
                limits.margin(),
                limits.robustness(),
                limits.correlation(),
                limits.retainLoss(),
                limits.revival());
    }

    private void report(
            Summary summary, StageStore store, CommonOptions options, Console console) {
        Measurements measured = new Measurements(graphs, store);
        Report report =
                Report.of(
                        new Run(
                                measured.results(),
                                summary,
                                measured.series(),
                                measured.answers(),
                                file.yaml()));
        try (RunDirectory directory =
                RunDirectory.open(options.runs(), experiment.experiment())) {
            report.writeMeasurements(directory);
            report.write(directory);
            directory.publish();
            report.warning().ifPresent(line -> console.warn("%s", line));
            RecoveryText.of(report.findings(), report.summary().claims())
                    .forEach(line -> console.line("%s", line));
            console.line("");
            console.line(
                    "%.0f s; report.html, figures, results.csv and summary.json are in %s",
                    summary.seconds(), directory.place());
            console.json(RunFiles.json(report.summary()));
        }
    }
}
