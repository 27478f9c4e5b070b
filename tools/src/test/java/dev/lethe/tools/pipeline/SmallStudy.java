package dev.lethe.tools.pipeline;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.Optimization.Rate;
import dev.lethe.model.pipeline.Optimization.Shape;
import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageRunner;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.model.pipeline.Task;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.train.TrainingObserver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A graph of stages of a small model on the CPU backend, as a program of its own, so that it can
/// be killed. It prints a line at the beginning of each stage and at each step.
final class SmallStudy {
    private static final Gemma2Config MODEL =
            Gemma2Presets.ARITHMETIC_MINIATURE.toBuilder()
                    .hiddenSize(16)
                    .intermediateSize(32)
                    .layerKinds(Gemma2Presets.ARITHMETIC_MINIATURE.layerKinds().subList(0, 1))
                    .heads(2)
                    .kvHeads(1)
                    .headDim(8)
                    .queryPreAttnScalar(8)
                    .build();
    private static final Mixtures MIXTURES = Mixtures.of(Task.ARITHMETIC);
    private static final Data MIXED = MIXTURES.data(Data.Mixture.MIXED, 0);

    static final StageSpec.Pretrain BASE =
            new StageSpec.Pretrain(Task.ARITHMETIC, MODEL, 1, MIXED, steps(100, 1e-2));
    private static final StageSpec.Unlearn UNLEARNED =
            new StageSpec.Unlearn(
                    BASE,
                    new Method.MaxEnt(4),
                    new Guard.Sam(0.05),
                    2,
                    MIXTURES.forgetRetain(),
                    steps(40, 1e-3));
    private static final StageSpec.Distill STUDENT =
            new StageSpec.Distill(
                    Optional.of(new StageSpec.Perturb(UNLEARNED, 0.6, 0.1, 3)),
                    UNLEARNED,
                    4,
                    MIXED,
                    steps(100, 1e-2),
                    new Stop.RetainWithin(-1, 40));

    /// The last stages of the graph.
    static final List<StageSpec> ENDS =
            List.of(
                    new StageSpec.Relearn(
                            STUDENT,
                            5,
                            MIXTURES.data(Data.Mixture.FORGET, 1),
                            steps(40, 3e-3),
                            List.of(0L, 10L, 40L)),
                    new StageSpec.Evaluate(STUDENT));

    private SmallStudy() {}

    private static Optimization steps(long steps, double rate) {
        return new Optimization(
                steps, 16, 2, new Rate(Shape.COSINE, rate, rate / 10, 10, steps), 0);
    }

    /// @param arguments the store's directory; `stop` to make the first stage alone and to wait
    ///     for a byte of input in it
    public static void main(String[] arguments) {
        boolean stops = List.of(arguments).contains("stop");
        StageListener listener =
                new StageListener() {
                    @Override
                    public TrainingObserver onBegin(StageSpec spec, long made, long total) {
                        System.out.println("begin " + made + " " + total);
                        if (stops) {
                            awaitInput();
                        }
                        return report -> System.out.println("step " + report.step());
                    }
                };
        List<StageSpec> wanted = stops ? List.of(BASE) : ENDS;
        run(Path.of(arguments[0]), wanted, Duration.ofMillis(3), 2, listener);
        System.out.println("end");
    }

    /// The next line of a running study that is its own and no log's.
    static String nextLine(BufferedReader output) throws IOException {
        String line;
        do {
            line = output.readLine();
        } while (line != null && !line.matches("(begin|step|end).*"));
        return line;
    }

    private static void awaitInput() {
        try {
            System.in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StageStore store(Path root) {
        return new StageStore(root, "cpu", Precision.F32);
    }

    static void run(
            Path root,
            List<StageSpec> wanted,
            Duration every,
            int threads,
            StageListener listener) {
        try (Backend backend = Backends.open("cpu");
                Workers workers = new Workers(threads)) {
            Machine machine = new Machine(backend, Precision.F32, workers);
            StageRunner runner = new StageRunner(store(root), machine, every, listener);
            wanted.forEach(runner::run);
        }
    }
}
