package dev.lethe.tools.demo;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.stage.Machine;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.command.WordConverter;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.report.RecoveryText;
import dev.lethe.tools.report.Report;
import dev.lethe.tools.report.RunDirectory;
import dev.lethe.tools.report.results.RunFiles;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.List;
import java.util.stream.LongStream;

/// `lethe demo`: trains, unlearns, distils and attacks small models, and shows how they recover.
@Command(
        name = "demo",
        description =
                "The paper in miniature: arithmetic, in which multiplication and division are"
                        + " unlearned, the result is distilled, and all is attacked by relearning.")
public final class DemoCommand extends LetheCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "arithmetic|language",
            defaultValue = "arithmetic",
            converter = DomainConverter.class,
            description = "What to learn and forget (default: ${DEFAULT-VALUE}).")
    private Domain domain;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many seeds, from --seed on (default: ${DEFAULT-VALUE}).")
    private int seeds;

    /// What is learned and forgotten.
    enum Domain {
        ARITHMETIC,
        LANGUAGE
    }

    static final class DomainConverter extends WordConverter<Domain> {
        DomainConverter() {
            super(Domain.class);
        }
    }

    @Override
    protected void run(CommonOptions options, Console console) {
        if (domain == Domain.LANGUAGE) {
            throw new RefusedException(
                    "demo: expected arithmetic, got language, which comes with a later version; run"
                            + " lethe demo arithmetic");
        }
        if (seeds < 1) {
            throw new RefusedException(
                    "--seeds: expected at least 1, got %d; leave it out for one".formatted(seeds));
        }
        List<Long> all = LongStream.range(0, seeds).map(i -> options.seed() + i).boxed().toList();
        ArithmeticExperiment experiment = new ArithmeticExperiment(ArithmeticRecipe.MINIATURE, all);
        try (RunDirectory directory = RunDirectory.open(options.runs(), ArithmeticExperiment.NAME);
                Backend backend = options.openBackend();
                Workers workers = options.openWorkers()) {
            Machine machine = new Machine(backend, options.dtype(DType.F32), workers);
            experiment.announcement(machine).forEach(line -> console.note("%s", line));
            Progress progress = Progress.on(options.quiet(), line -> console.note("%s", line));
            ArithmeticExperiment.Result result = experiment.run(machine, directory, progress);
            Report report = result.report();
            report.warning().ifPresent(line -> console.warn("%s", line));
            RecoveryText.of(report.findings(), report.summary().claims())
                    .forEach(line -> console.line("%s", line));
            console.line("");
            console.line(
                    "%.0f s; report.html, figures, results.csv, summary.json and models are in %s",
                    report.summary().seconds(), directory.place());
            console.json(RunFiles.json(report.summary()));
        }
    }
}
