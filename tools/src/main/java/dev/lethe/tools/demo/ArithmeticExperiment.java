package dev.lethe.tools.demo;

import dev.lethe.model.stage.Machine;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.report.Findings;
import dev.lethe.tools.report.RecoveryFigure;
import dev.lethe.tools.report.ResultsCsv;
import dev.lethe.tools.report.RunDirectory;
import dev.lethe.tools.report.SeedRun;
import dev.lethe.tools.report.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The arithmetic miniature from recipe to files.
///
/// @param recipe what is done
/// @param seeds one run each
public record ArithmeticExperiment(ArithmeticRecipe recipe, List<Long> seeds) {
    /// Its name among experiments and in the runs directory.
    public static final String NAME = "arithmetic-miniature";

    /// What a thread of the CPU backend does a second in these small products, measured on an
    /// AVX-512 core; only for telling how long it will take.
    private static final double FLOPS_A_SECOND = 40e9;

    /// @param warning about what could not be done, such as drawing without fonts
    public record Result(Findings findings, Summary summary, Optional<String> warning) {}

    /// What is coming, how long it may take, and what it will be judged by.
    public List<String> announcement(Machine machine) {
        List<String> lines = new ArrayList<>();
        int layers = recipe.model().layers();
        lines.add(
                format(
                        "%d layers of %d, %,d parameters: base, filter (never saw * and /),"
                                + " unlearn-maxent, distill-maxent; then relearning",
                        layers, recipe.model().hiddenSize(), recipe.model().parameterCount()));
        double flops = seeds.size() * recipe.flops();
        lines.add(
                format(
                        "%d seed%s, %.0f TFLOP%s",
                        seeds.size(),
                        seeds.size() == 1 ? "" : "s",
                        flops * 1e-12,
                        duration(machine, flops)));
        Findings.criteria(recipe.thresholds()).forEach(line -> lines.add("to be judged: " + line));
        return lines;
    }

    private static String duration(Machine machine, double flops) {
        if (!machine.backend().name().equals("cpu")) {
            return machine.backend().name().equals("reference")
                    ? "; the reference backend takes days for that, --device cpu takes minutes"
                    : "";
        }
        double minutes = flops / (FLOPS_A_SECOND * machine.workers().threads()) / 60;
        return format(
                "; about %.0f minutes with %d threads",
                Math.max(1, minutes), machine.workers().threads());
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /// Runs all seeds and writes everything.
    public Result run(Machine machine, RunDirectory directory, Progress progress) {
        long begin = System.nanoTime();
        ArithmeticDemo demo = new ArithmeticDemo(recipe, machine, directory, progress);
        List<SeedRun> runs = new ArrayList<>();
        for (long seed : seeds) {
            if (seeds.size() > 1) {
                progress.announce("seed " + seed);
            }
            runs.add(demo.run(seed));
        }
        Findings findings = new Findings(runs, recipe.thresholds());
        Summary summary =
                new Summary(
                        NAME,
                        seeds,
                        machine.backend().name(),
                        machine.dtype().name().toLowerCase(Locale.ROOT),
                        machine.workers().threads(),
                        (System.nanoTime() - begin) * 1e-9,
                        Summary.peakResident(),
                        Summary.models(runs),
                        findings.claims());
        directory.write("results.csv", ResultsCsv.of(NAME, runs));
        directory.write("summary.json", summary.json().toPrettyString() + "\n");
        Optional<String> warning = draw(findings, directory);
        directory.publish();
        return new Result(findings, summary, warning);
    }

    /// Java draws text only where the system has a font; a run of minutes is not lost over that.
    private static Optional<String> draw(Findings findings, RunDirectory directory) {
        String svg;
        try {
            svg = RecoveryFigure.svg(findings, "Recovery under relearning: " + NAME);
        } catch (LinkageError | InternalError | RuntimeException e) {
            return Optional.of(
                    ("recovery.svg: cannot draw (%s); expected fonts for Java, install fontconfig"
                                    + " and a font such as DejaVu; results.csv has the numbers")
                            .formatted(e));
        }
        directory.directory("figures");
        directory.write("figures/recovery.svg", svg);
        return Optional.empty();
    }
}
