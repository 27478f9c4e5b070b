package dev.lethe.bench.peers;

import dev.lethe.bench.model.Configuration;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.Locale;

/// The process that trains in Lethe: `CONFIGURATION THREADS WARM SECONDS`.
final class LetheTraining {
    private LetheTraining() {}

    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT);
        Configuration size = Configuration.valueOf(args[0]);
        Gemma2Config config = size.config();
        TrainingPlan plan =
                TrainingPlan.of(
                        Long.MAX_VALUE, size.microBatches(), new Schedule.Constant(1e-3, 0));
        StepBatch batch =
                StepBatch.main(Configuration.batch(config, size.rows(), size.tokens()));
        try (Backend backend = Backends.open("cpu");
                Workers workers = new Workers(Integer.parseInt(args[1]));
                Gemma2 model = Configuration.model(config, backend, DType.F32);
                Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
            Timing timing =
                    Timing.of(
                            Double.parseDouble(args[2]),
                            Double.parseDouble(args[3]),
                            () -> trainer.step(batch).loss());
            System.out.printf("peer %s peak_kib=%d%n", timing, ProcessMemory.peakKib());
        }
    }
}
