package dev.lethe.bench.model;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.Locale;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Warmup;

/// Whole training steps on the CPU in F32: forward, backward, clipping, AdamW. `tokens` is the
/// figure.
///
/// Pretraining is the peers' task, whose first loss is near `ln V` and falls.
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
public class TrainStepBenchmark extends Measured {
    private static final double RATE = 1e-3;

    @Param({"XS", "S", "M"})
    String configuration;

    @Param({"pretrain", "graddiff", "maxent", "rmu", "distill"})
    String task;

    @Param("2")
    int threads;

    /// Parts of a step's batch; 0 takes the configuration's own.
    @Param("0")
    int microBatches;

    private Workers workers;
    private Gemma2 model;
    private Gemma2 fixed;
    private Trainer trainer;
    private StepBatch batch;
    private Work work;

    @Override
    protected void prepare() {
        Configuration size = Configuration.valueOf(configuration);
        Gemma2Config config = size.config();
        Task trained = Task.valueOf(task.toUpperCase(Locale.ROOT));
        workers = new Workers(threads);
        trained.check(backend, workers);
        model = Configuration.model(config, backend, DType.F32);
        fixed = trained.fixed(config, backend, DType.F32);
        int parts = microBatches == 0 ? size.microBatches() : microBatches;
        TrainingPlan plan =
                TrainingPlan.of(Long.MAX_VALUE, parts, new Schedule.Constant(RATE, 0));
        trainer = new Trainer(model, trained.objective(fixed), plan, workers);
        batch = trained.batch(config, size.rows(), size.tokens());
        work = Work.of(trained.flops(config, size.rows(), size.tokens()), 0);
        if (trained == Task.PRETRAIN) {
            requireLearning(config.vocabSize());
        }
    }

    private void requireLearning(int vocabulary) {
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
        counters.add(work);
        counters.tokens += report.tokens();
        counters.heldBytes += backend.memory().reservedBytes();
        return report.loss();
    }

    @Override
    protected void release() {
        trainer.close();
        fixed.close();
        model.close();
        workers.close();
    }
}
