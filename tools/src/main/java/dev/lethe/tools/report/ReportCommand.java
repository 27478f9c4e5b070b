package dev.lethe.tools.report;

import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.RunFiles;
import dev.lethe.tools.report.results.Summary;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `lethe report`: figures, tables and verdicts of finished runs again, without training.
@Command(
        name = "report",
        description = "Figures, tables and verdicts of finished runs again, without training.")
public final class ReportCommand extends LetheCommand {
    @Parameters(
            arity = "1..*",
            paramLabel = "RUN",
            description =
                    "Directory of a run, or the name of an experiment below --runs; it must hold"
                            + " results.csv and summary.json.")
    private List<Path> runs;

    @Override
    protected void run(CommonOptions options, Console console) {
        List<Path> places = runs.stream().map(run -> place(run, options.runs())).toList();
        List<Map<String, Object>> written = new ArrayList<>();
        for (Path place : places) {
            Report report = rebuild(place);
            report.warning().ifPresent(line -> console.warn("%s", line));
            RecoveryText.of(report.findings(), report.summary().claims())
                    .forEach(line -> console.line("%s", line));
            console.line("");
            console.line("%s", place.resolve("report.html"));
            written.add(result(place, report.summary()));
        }
        console.json(Map.of("runs", written));
    }

    /// All are looked for before any is worked on.
    private static Path place(Path run, Path runs) {
        for (Path place : List.of(run, runs.resolve(run))) {
            if (Files.isDirectory(place)) {
                return place.toAbsolutePath().normalize();
            }
        }
        throw new RefusedException(
                "report: expected a run's directory or an experiment below %s, got %s; give --runs"
                                .formatted(runs, run)
                        + " or a path");
    }

    private static Report rebuild(Path place) {
        Run run = RunFiles.read(place);
        Report report = Report.of(run);
        try (RunDirectory directory = RunDirectory.open(place)) {
            report.write(directory);
            directory.publish();
        }
        return report;
    }

    private static Map<String, Object> result(Path place, Summary summary) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("report", place.resolve("report.html").toString());
        result.put("summary", RunFiles.json(summary));
        return result;
    }
}
