package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageMemory;
import dev.lethe.model.pipeline.StageRunner;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.model.pipeline.Task;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.stage.MemoryEstimate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;

/// What [StageMemory] says a stage takes is what the backend's pool held at most while it ran.
abstract class MemoryEstimateContract {
    private static final double ABOVE = 1.15;
    private static final double BELOW = 0.95;
    private static final Mixtures MIXTURES = Mixtures.of(Task.ARITHMETIC);

    @TempDir private Path directory;

    static Gemma2Config config(
            int vocabulary, int width, int mlp, int layers, int heads, int kvHeads, int headDim) {
        return Gemma2Config.builder()
                .vocabSize(vocabulary)
                .hiddenSize(width)
                .intermediateSize(mlp)
                .layers(layers)
                .heads(heads)
                .kvHeads(kvHeads)
                .headDim(headDim)
                .queryPreAttnScalar(headDim)
                .build();
    }

    private static Optimization steps(int rows, int microBatches) {
        return new Optimization(
                3,
                rows,
                microBatches,
                new Optimization.Rate(Optimization.Shape.CONSTANT, 1e-3, 1e-3, 0, 3),
                0);
    }

    /// Every kind of training of a study.
    private static List<StageSpec> stages(Gemma2Config config, int rows) {
        StageSpec.Pretrain base =
                new StageSpec.Pretrain(
                        Task.ARITHMETIC,
                        config,
                        1,
                        MIXTURES.data(Data.Mixture.MIXED, 0),
                        steps(rows, 3));
        List<StageSpec> stages = new ArrayList<>(List.of(base));
        for (Method method :
                List.of(
                        new Method.GradDiff(3),
                        new Method.MaxEnt(2),
                        new Method.Rmu(1, 6, 2, List.of(0, 1)))) {
            stages.add(unlearn(base, method, new Guard.None(), rows));
        }
        stages.add(unlearn(base, new Method.MaxEnt(2), new Guard.Sam(0.05), rows));
        stages.add(
                new StageSpec.Unlearn(
                        base,
                        new Method.MaxEnt(2),
                        new Guard.RepNoise(1, 1e-3),
                        4,
                        MIXTURES.forgetRetain(),
                        steps(rows / 4, 1))); // cannot be cut
        stages.add(
                new StageSpec.Distill(
                        Optional.empty(),
                        base,
                        2,
                        MIXTURES.data(Data.Mixture.MIXED, 0),
                        steps(rows, 2),
                        new Stop.Never()));
        stages.add(
                new StageSpec.Relearn(
                        base,
                        3,
                        MIXTURES.data(Data.Mixture.FORGET, 0),
                        steps(rows, 1),
                        List.of(0L, 3L)));
        return stages;
    }

    private static StageSpec.Unlearn unlearn(
            StageSpec.Pretrain base, Method method, Guard guard, int rows) {
        return new StageSpec.Unlearn(
                base, method, guard, 4, MIXTURES.forgetRetain(), steps(rows, 2));
    }

    /// @param rows of a step, enough that its values are most of what is held
    /// @param which stages to compare
    void holds(
            String device,
            Precision precision,
            int threads,
            List<Gemma2Config> configs,
            int rows,
            Predicate<StageSpec> which) {
        List<String> wrong = new ArrayList<>();
        for (Gemma2Config config : configs) {
            stages(config, rows).stream()
                    .filter(which)
                    .forEach(
                            stage ->
                                    compare(device, precision, threads, stage)
                                            .ifPresent(wrong::add));
        }
        assertTrue(wrong.isEmpty(), String.join("\n", wrong));
    }

    private Optional<String> compare(
            String device, Precision precision, int threads, StageSpec stage) {
        for (StageSpec input : stage.inputs()) {
            peak(device, precision, threads, input);
        }
        Peak peak = peak(device, precision, threads, stage);
        double ratio = peak.estimated / (double) peak.held;
        String text =
                "%.3f of %,d bytes: %s %s %s"
                        .formatted(ratio, peak.held, device, precision.word(), stage);
        return ratio >= BELOW && ratio <= ABOVE ? Optional.empty() : Optional.of(text);
    }

    private record Peak(long held, long estimated) {}

    private Peak peak(String device, Precision precision, int threads, StageSpec stage) {
        try (Backend backend = Backends.open(device);
                Workers workers = new Workers(threads)) {
            StageStore store = new StageStore(directory, backend.name(), precision);
            Machine machine = new Machine(backend, precision, workers);
            new StageRunner(store, machine, StageRunner.EVERY, StageListener.NONE).run(stage);
            MemoryEstimate estimate = new StageMemory(backend, precision, threads).of(stage);
            return new Peak(backend.memory().peakBytes(), estimate.tensors());
        }
    }
}
