package dev.lethe.bench.gpu;

import dev.lethe.bench.gpu.GoldenCommand.Distance;
import dev.lethe.bench.gpu.GoldenCommand.Loss;
import dev.lethe.bench.model.Configuration;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.List;
import java.util.Optional;

/// BF16 against F64: the gradients of the golden data, where BF16 may be off by what plain loops in
/// BF16 are, and the losses of a training.
final class Bf16Part implements Part {
    /// Different orders of F32 sums round to other BF16 neighbours now and then.
    private static final double BESIDE_PLAIN_LOOPS = 2;

    private static final double TRAINING = 0.02; // BF16 has 8 bits: 0.4% a number

    @Override
    public String name() {
        return "bf16";
    }

    @Override
    public String about() {
        return "BF16 against F64 truth: golden gradients, and the losses of a training";
    }

    @Override
    public String smaller() {
        return "case A_tiny alone, ce alone, and 5 steps of 4 rows of 12 tokens";
    }

    @Override
    public Optional<String> missing(Setting setting) {
        return GoldenCommand.missing();
    }

    @Override
    public void run(Setting setting, Findings findings) throws Exception {
        boolean tiny = setting.tiny();
        List<Loss> losses =
                tiny ? List.of(Loss.CE) : List.of(Loss.CE, Loss.KL, Loss.MAXENT, Loss.GRADDIFF);
        for (String golden : tiny ? GoldenCommand.CASES.subList(0, 1) : GoldenCommand.CASES) {
            for (Loss loss : losses) {
                Distance plain = GoldenCommand.onReference(setting, golden, loss, "bf16");
                Distance cuda = GoldenCommand.run(setting, golden, loss, "bf16", false);
                findings.atMost(
                        "%s %s: gradient".formatted(golden, loss.golden()),
                        cuda.gradient(),
                        BESIDE_PLAIN_LOOPS * plain.gradient());
            }
        }
        Gemma2Config config = tiny ? Gemma2Presets.BENCHMARK_XS : Gemma2Presets.BENCHMARK_S;
        Batch batch = Configuration.batch(config, tiny ? 4 : 64, tiny ? 12 : 64);
        int steps = tiny ? 5 : 50;
        double[] truth = losses(config, batch, Precision.F64, steps);
        for (Precision precision : List.of(Precision.F32, Precision.BF16, Precision.BF16_PURE)) {
            double[] found = losses(config, batch, precision, steps);
            double largest = 0;
            for (int i = 0; i < steps; i++) {
                largest = Math.max(largest, Math.abs(found[i] / truth[i] - 1));
            }
            String what = "%d losses of training in %s".formatted(steps, precision.word());
            if (precision == Precision.BF16_PURE) { // which is known to lose updates
                findings.measured(what, largest, "");
            } else {
                findings.atMost(what, largest, TRAINING);
            }
        }
    }

    private static double[] losses(
            Gemma2Config config, Batch batch, Precision precision, int steps) {
        TrainingPlan plan = TrainingPlan.of(steps, 1, new Schedule.Constant(1e-3, 0));
        double[] losses = new double[steps];
        try (Backend backend = Backends.open("cuda");
                Workers workers = new Workers(1);
                Gemma2 model = Gemma2.allocate(config, backend, precision)) {
            Initialization.randomize(model, 1);
            try (Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
                for (int i = 0; i < steps; i++) {
                    losses[i] = trainer.step(StepBatch.main(batch)).loss();
                }
            }
        }
        return losses;
    }
}
