package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.stage.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What is coming, how long it may take, and what it will be judged by.
///
/// @param missing stages to be made
record Announcement(ExperimentRun run, Machine machine, Set<StageSpec> missing) {
    /// What a thread of the CPU backend does a second in these small products, measured on an AVX-512
    /// core; only for telling how long it will take.
    private static final double FLOPS_A_SECOND = 110e9;

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        Experiment experiment = run.experiment();
        Graph first = run.graphs().getFirst();
        List<String> models = first.models().stream().map(Graph.Model::name).toList();
        lines.add(
                format(
                        "%s: %d models of %,d parameters: %s",
                        experiment.experiment(),
                        models.size(),
                        experiment.model().config().parameterCount(),
                        String.join(", ", models)));
        lines.add(
                format(
                        "each but base is attacked by relearning at %d rates, and by relearning half;"
                                + " seeds %s",
                        experiment.attack().rates().size(),
                        run.graphs().stream().map(graph -> Long.toString(graph.seed())).toList()));
        Experiment.Limits limits = experiment.thresholds();
        lines.add(
                format(
                        "judged over %d attack steps: margin %s, R at least %s, correlation at least %s,"
                                + " retain loss at most %s",
                        limits.horizon(),
                        Graph.plain(limits.margin()),
                        Graph.plain(limits.robustness()),
                        Graph.plain(limits.correlation()),
                        Graph.plain(limits.retainLoss())));
        lines.add(work());
        return lines;
    }

    private String work() {
        if (missing.isEmpty()) {
            return "all stages are there; nothing to train";
        }
        double flops =
                missing.stream()
                        .mapToDouble(spec -> Cost.of(spec).flops())
                        .sum();
        return format(
                "%d stages to make, about %.1f TFLOP%s", missing.size(), flops * 1e-12, time(flops));
    }

    private String time(double flops) {
        int threads = machine.workers().threads();
        return switch (machine.backend().name()) {
            case "cpu" -> {
                double seconds = flops / (FLOPS_A_SECOND * threads);
                yield seconds < 60
                        ? format("; less than a minute with %d threads", threads)
                        : format("; about %.0f minutes with %d threads", seconds / 60, threads);
            }
            case "reference" ->
                    "; the reference backend takes days for a miniature, --device cpu takes minutes";
            default -> "";
        };
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
