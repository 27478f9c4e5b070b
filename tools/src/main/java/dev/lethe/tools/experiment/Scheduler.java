package dev.lethe.tools.experiment;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageResult;
import dev.lethe.model.pipeline.StageRunner;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.TrainingObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/// Runs stages as their inputs become ready: side by side, the threads shared out among them, where
/// several are ready, and with all threads where one is. What a stage computes does not depend on it.
///
/// Of ready stages the one that most work waits for goes first. Stages that together would not fit
/// the memory do not run together.
///
/// @param store keeps the results
/// @param machine whose threads are shared out
/// @param memory bytes that running stages may take together
/// @param listener hears of all of them, from several threads
record Scheduler(StageStore store, Machine machine, double memory, StageListener listener) {
    /// Makes what is missing of these stages, all of whose inputs are among them.
    ///
    /// @throws RuntimeException of the first stage that fails, after those beside it have stopped
    /// where their next checkpoint goes on
    void run(Collection<StageSpec> stages) {
        new Round(stages).run();
    }

    /// @param failure null where it was made
    private record Ended(StageSpec stage, Throwable failure) {}

    /// Thrown in a stage that stops because another has failed.
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped because another stage failed", null, false, false);
        }
    }

    private final class Round {
        private final Set<StageSpec> missing = new LinkedHashSet<>();
        private final Map<StageSpec, Double> urgency = new HashMap<>();
        private final Map<StageSpec, Integer> running = new HashMap<>(); // threads of each
        private final Set<StageSpec> waiting = ConcurrentHashMap.newKeySet();
        private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
        private volatile Throwable failure;

        Round(Collection<StageSpec> stages) {
            stages.stream().filter(stage -> store.find(stage).isEmpty()).forEach(missing::add);
            List<StageSpec> order = new ArrayList<>(missing);
            for (StageSpec stage : order.reversed()) { // what waits for a stage comes after it
                double after = urgency.getOrDefault(stage, 0.0);
                double path = after + Cost.of(stage).flops();
                urgency.put(stage, path);
                stage.inputs().forEach(input -> urgency.merge(input, path, Math::max));
            }
        }

        private double bytes(StageSpec stage, int threads) {
            return MicroBatches.memory(machine.backend(), machine.precision(), threads)
                    .of(stage)
                    .total();
        }

        void run() {
            while (failure == null && !missing.isEmpty() || isBusy()) {
                if (failure == null) {
                    startAll();
                }
                Ended one = next();
                running.remove(one.stage());
                if (one.failure() == null) {
                    continue;
                }
                if (failure == null) {
                    failure = one.failure();
                } else if (!(one.failure() instanceof Stopped)) {
                    failure.addSuppressed(one.failure());
                }
            }
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }

        /// Stages that wait for another process would keep a run that has failed for as long as that
        /// takes.
        private boolean isBusy() {
            return failure == null
                    ? !running.isEmpty()
                    : running.keySet().stream().anyMatch(stage -> !waiting.contains(stage));
        }

        private Ended next() {
            try {
                return ended.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("the run was interrupted; run it again to go on", e);
            }
        }

        private void startAll() {
            List<StageSpec> ready =
                    new ArrayList<>(missing.stream().filter(this::isReady).toList());
            ready.sort(Comparator.comparing((StageSpec stage) -> -urgency.get(stage)));
            int free = machine.workers().threads() - running.values().stream().mapToInt(n -> n).sum();
            while (free > 0 && !ready.isEmpty()) {
                int threads = Math.max(1, free / Math.min(free, ready.size()));
                StageSpec stage = ready.removeFirst();
                if (running.isEmpty() || fits(stage, threads)) {
                    start(stage, threads);
                    free -= threads;
                }
            }
        }

        private boolean isReady(StageSpec stage) {
            return stage.inputs().stream()
                    .noneMatch(input -> missing.contains(input) || running.containsKey(input));
        }

        private boolean fits(StageSpec stage, int threads) {
            double taken =
                    running.entrySet().stream()
                            .mapToDouble(one -> bytes(one.getKey(), one.getValue()))
                            .sum();
            return taken + bytes(stage, threads) <= memory;
        }

        private void start(StageSpec stage, int threads) {
            missing.remove(stage);
            running.put(stage, threads);
            Thread.ofPlatform().daemon().name("lethe-stage").start(() -> work(stage, threads));
        }

        private void work(StageSpec stage, int threads) {
            Throwable why = null;
            // A device does one thing after the other, so more threads would only hold more memory.
            boolean serial = machine.backend().deviceMemory().isPresent();
            try (Workers workers = new Workers(serial ? 1 : threads)) {
                Machine share = new Machine(machine.backend(), machine.precision(), workers);
                new StageRunner(store, share, StageRunner.EVERY, new Stopping()).run(stage);
            } catch (Throwable e) { // also errors: whoever waits for the stage must hear of them
                why = e;
            }
            ended.add(new Ended(stage, why));
        }

        /// Passes everything on, and stops stages once one has failed.
        private final class Stopping implements StageListener {
            @Override
            public TrainingObserver onBegin(StageSpec spec, long steps, long total) {
                waiting.remove(spec);
                TrainingObserver observer = listener.onBegin(spec, steps, total);
                return (StepReport report) -> {
                    observer.onStep(report);
                    if (failure != null) {
                        throw new Stopped();
                    }
                };
            }

            @Override
            public void onFinished(StageSpec spec, StageResult result) {
                listener.onFinished(spec, result);
            }

            @Override
            public void onWaiting(StageSpec spec, Path directory) {
                waiting.add(spec);
                listener.onWaiting(spec, directory);
            }
        }
    }
}
