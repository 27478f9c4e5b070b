package dev.lethe.tools.demo;

import dev.lethe.model.stage.Machine;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.report.PeakMemory;
import dev.lethe.tools.report.Report;
import dev.lethe.tools.report.RunDirectory;
import dev.lethe.tools.report.Versions;
import dev.lethe.tools.report.results.Answers;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.Summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The arithmetic miniature from recipe to files.
///
/// @param recipe what is done
/// @param seeds one run each
public record ArithmeticExperiment(ArithmeticRecipe recipe, List<Long> seeds) {
    /// Its name among experiments and in the runs directory.
    public static final String NAME = "arithmetic-miniature";

    /// What a thread of the CPU backend does a second in these small products, measured on an
    /// AVX-512 core; only for telling how long it will take.
    private static final double FLOPS_A_SECOND = 50e9;

    /// @param seeds the models as they were measured
    public record Result(List<SeedRun> seeds, Report report) {}

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
        lines.add(
                format(
                        "to be judged: A(unlearn-maxent) at least %s above A(filter),"
                            + " R(distill-maxent) at least %s",
                        recipe.thresholds().margin(), recipe.thresholds().robustness()));
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
        Summary summary =
                new Summary(
                        NAME,
                        seeds,
                        machine.backend().name(),
                        machine.dtype().name().toLowerCase(Locale.ROOT),
                        machine.workers().threads(),
                        (System.nanoTime() - begin) * 1e-9,
                        PeakMemory.bytes(),
                        DemoRows.models(runs),
                        List.of(),
                        recipe.thresholds(),
                        Versions.all());
        Report report =
                Report.of(
                        new Run(
                                DemoRows.results(NAME, runs),
                                summary,
                                List.of(),
                                Answers.NONE,
                                ""));
        report.writeMeasurements(directory);
        report.write(directory);
        directory.publish();
        return new Result(runs, report);
    }
}
