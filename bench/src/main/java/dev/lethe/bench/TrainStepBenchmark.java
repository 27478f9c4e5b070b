package dev.lethe.bench;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Whole pretraining steps on the CPU in F32: forward, backward, clipping, AdamW. The counter
/// `tokens` is the figure, in tokens a second.
///
/// The task is the peers': random tokens whose target is `(7 token + 3) mod V`, so the first loss is
/// near `ln V` and falls.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED"
        })
public class TrainStepBenchmark {
    @Param({"XS", "S", "M"})
    String configuration;

    @Param("2")
    int threads;

    /// Parts of a step's batch; 0 takes the configuration's own.
    @Param("0")
    int microBatches;

    private Backend backend;
    private Workers workers;
    private Gemma2 model;
    private Trainer trainer;
    private StepBatch batch;

    /// Tokens trained on, reported by JMH as a rate.
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Counters {
        /// Tokens of the steps made.
        public long tokens;
    }

    private record Size(Gemma2Config config, int rows, int tokens, int microBatches) {}

    private Size size() {
        return switch (configuration) {
            case "XS" -> new Size(Gemma2Presets.BENCHMARK_XS, 256, 12, 4);
            case "S" -> new Size(Gemma2Presets.BENCHMARK_S, 64, 64, 8);
            case "M" -> new Size(Gemma2Presets.BENCHMARK_M, 8, 256, 4);
            default ->
                    throw new IllegalArgumentException(
                            "configuration: expected XS, S or M, got " + configuration);
        };
    }

    /// Builds model and data, and sees that the first losses are those of a model that learns.
    @Setup(Level.Trial)
    public void open() {
        Size size = size();
        int vocabulary = size.config().vocabSize();
        backend = Backends.open("cpu");
        workers = new Workers(threads);
        model = Gemma2.allocate(size.config(), backend, DType.F32);
        Initialization.randomize(model, 1);
        int parts = microBatches == 0 ? size.microBatches() : microBatches;
        TrainingPlan plan =
                TrainingPlan.of(Long.MAX_VALUE, parts, new Schedule.Constant(1e-3, 0));
        trainer = new Trainer(model, new NextToken(), plan, workers);
        int[] ids =
                new SplittableRandom(1).ints((long) size.rows() * size.tokens(), 0, vocabulary)
                        .toArray();
        int[] targets = Arrays.stream(ids).map(id -> (id * 7 + 3) % vocabulary).toArray();
        int[] lengths = new int[size.rows()];
        Arrays.fill(lengths, size.tokens());
        batch = StepBatch.main(new Batch(size.rows(), size.tokens(), ids, targets, lengths));
        double first = trainer.step(batch).loss();
        double second = trainer.step(batch).loss();
        if (Math.abs(first - Math.log(vocabulary)) > 0.1 || !(second < first)) {
            throw new IllegalStateException(
                    "losses %.4f, %.4f: expected about %.4f and falling"
                            .formatted(first, second, Math.log(vocabulary)));
        }
    }

    /// One step.
    @Benchmark
    public double step(Counters counters) {
        StepReport report = trainer.step(batch);
        counters.tokens += report.tokens();
        return report.loss();
    }

    /// Gives memory and threads back.
    @TearDown(Level.Trial)
    public void close() {
        trainer.close();
        model.close();
        workers.close();
        backend.close();
    }
}
