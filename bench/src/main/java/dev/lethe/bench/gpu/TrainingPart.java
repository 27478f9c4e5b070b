package dev.lethe.bench.gpu;

import dev.lethe.bench.results.Medians;
import dev.lethe.bench.model.CausalFlops;
import dev.lethe.bench.model.Configuration;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Training steps of a configuration of the paper's, in BF16 with F32 masters, on random tokens.
///
/// A step is one of the paper's micro-batches (PAPER 2.2) with its own update; the paper makes an
/// update of many. Every loss is read back.
///
/// @param rows of a step; halved until the device's memory holds them
/// @param tokens a row
record TrainingPart(String name, Gemma2Config config, int rows, int tokens) implements Part {
    private static final int STEPS = 200;
    private static final int TINY_STEPS = 5;
    private static final int LEAST_STEPS = 20;
    private static final int WARM_STEPS = 10;
    private static final double RATE = 4e-4; // the paper's peak
    private static final Duration MOST = Duration.ofSeconds(400);

    @Override
    public String about() {
        return "%d steps of the paper's model in BF16, %d rows of %d random tokens"
                .formatted(STEPS, rows, tokens);
    }

    @Override
    public String smaller() {
        return "%d steps of the miniature's model, 4 rows of 12 tokens".formatted(TINY_STEPS);
    }

    @Override
    public void run(Setting setting, Findings findings) {
        if (setting.tiny()) {
            train(setting, findings, Gemma2Presets.BENCHMARK_XS, 4, 12);
            return;
        }
        OutOfMemoryError last = null;
        for (int fitting = rows; fitting >= 1; fitting /= 2) {
            try {
                train(setting, findings, config, fitting, tokens);
                return;
            } catch (OutOfMemoryError e) {
                System.out.printf("%d rows: %s%n", fitting, e.getMessage());
                last = e;
            }
        }
        throw last;
    }

    private static void train(
            Setting setting, Findings findings, Gemma2Config size, int rows, int tokens) {
        int most = setting.tiny() ? TINY_STEPS : STEPS;
        TrainingPlan plan =
                TrainingPlan.of(most, 1, new Schedule.Constant(RATE, Math.min(WARM_STEPS, most)));
        StepBatch batch = StepBatch.main(Configuration.batch(size, rows, tokens));
        long end = System.nanoTime() + setting.atMost(MOST).toNanos();
        double[] losses = new double[most];
        double[] seconds = new double[most];
        int steps = 0;
        long bytes = 0;
        try (Backend backend = Backends.open("cuda");
                Workers workers = new Workers(1);
                Gemma2 model = Gemma2.allocate(size, backend, Precision.BF16)) {
            Initialization.randomize(model, 42);
            try (Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
                while (steps < most && System.nanoTime() < end) {
                    long begin = System.nanoTime();
                    losses[steps] = trainer.step(batch).loss();
                    seconds[steps] = (System.nanoTime() - begin) * 1e-9;
                    steps++;
                    bytes = Math.max(bytes, backend.memory().reservedBytes());
                    System.out.printf(
                            "step %d: loss %.4f, %.4f s%n",
                            steps, losses[steps - 1], seconds[steps - 1]);
                }
            }
        }
        judge(setting, findings, size, Arrays.copyOf(losses, steps));
        findings.measured("rows a step", rows, "");
        findings.measured("device memory held at most", bytes / 0x1p30, "GiB");
        if (steps > 0) {
            double flops = CausalFlops.training(size, tokens) * rows;
            double[] taken = Arrays.copyOf(seconds, steps);
            speed(setting, findings, flops, (double) rows * tokens, taken);
        }
    }

    /// Median seconds of a step, for a comparison.
    ///
    /// @param least seconds to go on for, warm-up steps not counted
    static double stepSeconds(
            Gemma2Config size, Precision precision, int rows, int tokens, Duration least) {
        TrainingPlan plan =
                TrainingPlan.of(Long.MAX_VALUE, 1, new Schedule.Constant(RATE, WARM_STEPS));
        StepBatch batch = StepBatch.main(Configuration.batch(size, rows, tokens));
        try (Backend backend = Backends.open("cuda");
                Workers workers = new Workers(1);
                Gemma2 model = Gemma2.allocate(size, backend, precision)) {
            Initialization.randomize(model, 42);
            try (Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
                for (int i = 0; i < WARM_STEPS; i++) {
                    trainer.step(batch);
                }
                List<Double> seconds = new ArrayList<>();
                long end = System.nanoTime() + least.toNanos();
                while (seconds.size() < 3 || System.nanoTime() < end) {
                    long begin = System.nanoTime();
                    trainer.step(batch);
                    seconds.add((System.nanoTime() - begin) * 1e-9);
                }
                return Medians.of(seconds.stream().mapToDouble(Double::doubleValue).toArray());
            }
        }
    }

    private static void judge(
            Setting setting, Findings findings, Gemma2Config size, double[] losses) {
        int least = setting.tiny() ? TINY_STEPS : LEAST_STEPS;
        findings.require(
                "steps", losses.length, "", "at least " + least, losses.length >= least);
        findings.require(
                "losses that are not finite",
                Arrays.stream(losses).filter(loss -> !Double.isFinite(loss)).count(),
                "",
                "0",
                Arrays.stream(losses).allMatch(Double::isFinite));
        if (losses.length == 0) {
            return;
        }
        double even = Math.log(size.vocabSize());
        findings.require(
                "first loss",
                losses[0],
                "nats",
                "within 0.5 of ln V = %.3f".formatted(even),
                Math.abs(losses[0] - even) < 0.5);
        double last = losses[losses.length - 1];
        findings.require(
                "last loss", last, "nats", "below the first", last < losses[0]);
    }

    private static void speed(
            Setting setting, Findings findings, double flops, double tokens, double[] seconds) {
        double[] steady =
                seconds.length > 2 * WARM_STEPS
                        ? Arrays.copyOfRange(seconds, WARM_STEPS, seconds.length)
                        : seconds;
        double step = Medians.of(steady);
        findings.measured("step, median", 1e3 * step, "ms");
        findings.measured("speed", tokens / step, "tokens/s");
        findings.measured("arithmetic", flops / step * 1e-12, "TFLOP/s");
        setting.card()
                .denseBf16()
                .ifPresent(
                        peak -> {
                            double share = 100 * flops / step / peak;
                            double target = 100 * setting.card().targetShare();
                            String what =
                                    "share of the dense BF16 peak of %.0f TFLOP/s"
                                            .formatted(peak * 1e-12);
                            if (target > 0) {
                                findings.target(what, share, "%", target);
                            } else {
                                findings.measured(what, share, "%");
                            }
                        });
    }
}
