package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageResult;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.TrainingObserver;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.progress.WorkProgress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Stages as they get on, measured by the floating-point operations that they were expected to take.
final class RunProgress implements StageListener, AutoCloseable {
    private final Map<StageSpec, String> names;
    private final Map<StageSpec, Double> flops = new LinkedHashMap<>();
    private final Map<StageSpec, Current> current = new LinkedHashMap<>();
    private final Consumer<String> notes;
    private final WorkProgress progress;
    private double done;
    private int made;

    /// A stage under way.
    private static final class Current {
        private final long begun;
        private final long total;
        private final long time = System.nanoTime();
        private long step;
        private double loss = Double.NaN;

        private Current(long begun, long total) {
            this.begun = begun;
            this.step = begun;
            this.total = total;
        }
    }

    /// @param missing stages to be made, by name
    /// @param notes hears of another process that a stage waits for
    RunProgress(
            Map<StageSpec, String> missing,
            Progress progress,
            Consumer<String> notes) {
        this.names = missing;
        this.notes = notes;
        missing.keySet().forEach(spec -> flops.put(spec, Cost.of(spec).flops()));
        this.progress = progress.work(total());
    }

    private double total() {
        return flops.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    @Override
    public synchronized TrainingObserver onBegin(StageSpec spec, long steps, long total) {
        current.put(spec, new Current(steps, total));
        show();
        return report -> step(spec, report);
    }

    private synchronized void step(StageSpec spec, StepReport report) {
        Current stage = current.get(spec);
        stage.step = report.step();
        stage.loss = report.loss();
        show();
    }

    private void show() {
        double running =
                current.entrySet().stream()
                        .mapToDouble(entry -> share(entry.getKey(), entry.getValue()))
                        .sum();
        String stages =
                current.entrySet().stream()
                        .map(entry -> line(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining("; "));
        progress.show(done + running, stages);
    }

    /// What of the expected work of a running stage is done.
    private double share(StageSpec spec, Current stage) {
        double expected = Cost.of(spec).steps();
        return expected == 0
                ? 0
                : flops.getOrDefault(spec, 0.0) * Math.min(1, stage.step / expected);
    }

    private String line(StageSpec spec, Current stage) {
        String name = names.get(spec);
        return stage.total == 0
                ? name
                : String.format(
                        Locale.ROOT,
                        "%s %d/%d loss %.3f",
                        name,
                        stage.step,
                        stage.total,
                        stage.loss);
    }

    @Override
    public synchronized void onFinished(StageSpec spec, StageResult result) {
        Current stage = current.remove(spec);
        done += flops.getOrDefault(spec, 0.0);
        made++;
        if (spec instanceof StageSpec.MakesModel && !(spec instanceof StageSpec.Perturb)) {
            progress.say(
                    String.format(
                            Locale.ROOT,
                            "%s: %d steps in %.1f s%s%s",
                            names.get(spec),
                            result.steps(),
                            (System.nanoTime() - stage.time) * 1e-9,
                            stage.begun > 0 ? " from step " + stage.begun + " on" : "",
                            switch (result.stopped()) {
                                case "rule" -> ", stopped by its rule";
                                case "cap" -> ", its rule was never met";
                                default -> "";
                            }));
        }
        result.diverged()
                .ifPresent(
                        step ->
                                progress.say(
                                        "%s: diverged at step %d, which is recorded"
                                                .formatted(names.get(spec), step)));
        show();
    }

    @Override
    public void onWaiting(StageSpec spec, Path directory) {
        notes.accept(
                "%s: another process is making it (%s); waiting for it"
                        .formatted(names.get(spec), directory));
    }

    /// Stages that this run has made.
    synchronized int made() {
        return made;
    }

    @Override
    public void close() {
        progress.close();
    }
}
