package dev.lethe.examples;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.List;

/// Trains a tiny Gemma 2 to count in a circle of ten, through the API alone.
final class TrainTinyModel {
    private TrainTinyModel() {}

    /// Returns the loss (nats a token) of the last step.
    static double train(int steps) {
        Gemma2Config config =
                Gemma2Config.builder()
                        .vocabSize(16)
                        .hiddenSize(32)
                        .intermediateSize(64)
                        .layers(2)
                        .heads(4)
                        .kvHeads(2)
                        .headDim(8)
                        .queryPreAttnScalar(8)
                        .build();
        try (var backend = Backends.open("auto");
                var workers = new Workers(2);
                var model = Gemma2.allocate(config, backend, DType.F32)) {
            Initialization.randomize(model, 42);
            var schedule = new Schedule.Constant(1e-2, 5);
            var plan = TrainingPlan.of(steps, 2, schedule);
            double[] loss = new double[1];
            try (var trainer = new Trainer(model, new NextToken(), plan, workers)) {
                trainer.run(
                        TrainTinyModel::rows, Check.NONE, List.of(step -> loss[0] = step.loss()));
            }
            return loss[0];
        }
    }

    /// Four rows of eight tokens that begin anywhere on the circle.
    private static StepBatch rows(long step) {
        int[] ids = new int[4 * 8];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = 3 + (int) ((step + i / 8 * 3 + i % 8) % 10);
        }
        return StepBatch.main(Batch.shifted(4, 8, ids, new int[] {8, 8, 8, 8}));
    }
}
