package dev.lethe.tools.report;

import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.Figures;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.page.Page;
import dev.lethe.tools.report.results.Answers;
import dev.lethe.tools.report.results.ResultsCsv;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.RunFiles;
import dev.lethe.tools.report.results.SeriesCsv;
import dev.lethe.tools.report.results.Summary;

import java.util.List;
import java.util.Optional;

/// A run, judged and drawn.
///
/// @param run with the claims in its summary judged
/// @param figures empty where this machine cannot draw
/// @param warning why it cannot
public record Report(Run run, Findings findings, List<Figure> figures, Optional<String> warning) {
    private static final String FIGURES = "figures";

    /// Judges a run by the thresholds in its summary, whatever claims stand there, and draws it.
    public static Report of(Run run) {
        Summary summary = run.summary();
        Findings findings = new Findings(run.results(), summary.models(), summary.thresholds());
        Run judged =
                new Run(
                        run.results(),
                        summary.with(findings.claims()),
                        run.series(),
                        run.answers(),
                        run.configuration());
        try {
            List<Figure> figures = Figures.of(findings, run.series());
            figures.forEach(Figure::svg);
            return new Report(judged, findings, figures, Optional.empty());
        } catch (LinkageError | InternalError | RuntimeException e) {
            // Java draws text only where the system has a font; a long run is not lost over that.
            return new Report(judged, findings, List.of(), Optional.of(undrawn(e)));
        }
    }

    private static String undrawn(Throwable e) {
        return ("figures: cannot draw (%s); expected fonts for Java, install fontconfig and a font"
                    + " such as DejaVu, then lethe report; results.csv has the numbers")
                .formatted(e);
    }

    public Summary summary() {
        return run.summary();
    }

    /// Writes what was measured: `results.csv`, and series, answers and configuration where there
    /// are any.
    public void writeMeasurements(RunDirectory directory) {
        directory.write(RunFiles.RESULTS, ResultsCsv.write(run.results()));
        if (!run.series().isEmpty()) {
            directory.write(RunFiles.SERIES, SeriesCsv.write(run.series()));
        }
        if (!run.answers().equals(Answers.NONE)) {
            directory.write(RunFiles.ANSWERS, RunFiles.json(run.answers()).toPrettyString() + "\n");
        }
        if (!run.configuration().isEmpty()) {
            directory.write(RunFiles.CONFIGURATION, run.configuration());
        }
    }

    /// Writes what follows from it: `summary.json`, figures and `report.html`.
    public void write(RunDirectory directory) {
        directory.write(RunFiles.SUMMARY, RunFiles.json(run.summary()).toPrettyString() + "\n");
        directory.write("report.html", Page.of(run, findings, figures));
        for (Figure figure : figures) {
            String name = FIGURES + "/" + figure.name();
            directory.directory(FIGURES);
            directory.write(name + ".svg", figure.svg());
            directory.write(name + ".png", figure.png());
        }
    }
}
