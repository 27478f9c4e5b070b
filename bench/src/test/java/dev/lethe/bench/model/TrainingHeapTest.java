package dev.lethe.bench.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A training step leaves next to nothing on the Java heap once its code is compiled. When that is,
/// the machine decides; so steps are made until some in a row are small, and only a training that
/// never comes to that fails. Bytes are counted over all threads; nothing is timed.
class TrainingHeapTest {
    private static final long MOST_BYTES = 64 << 10;
    private static final int MOST_STEPS = 600;
    private static final int IN_A_ROW = 5;

    @ParameterizedTest
    @EnumSource(Configuration.class)
    void aSteadyStepAllocatesLessThan64KiB(Configuration size) {
        var heap = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        TrainingPlan plan =
                TrainingPlan.of(
                        MOST_STEPS, size.microBatches(), new Schedule.Constant(1e-3, 0));
        try (Backend backend = Backends.open("cpu");
                Workers workers = new Workers(2);
                Gemma2 model = Configuration.model(size.config(), backend, DType.F32);
                Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
            // Some of the rows: as many nodes as the whole batch has, in less time.
            int rows = Math.max(size.microBatches(), size.rows() / 8);
            StepBatch batch = Task.PRETRAIN.batch(size.config(), rows, size.tokens());
            int small = 0;
            long bytes = 0;
            for (int step = 0; step < MOST_STEPS && small < IN_A_ROW; step++) {
                long before = heap.getTotalThreadAllocatedBytes();
                trainer.step(batch);
                bytes = heap.getTotalThreadAllocatedBytes() - before;
                small = bytes < MOST_BYTES ? small + 1 : 0;
            }
            assertTrue(
                    small == IN_A_ROW,
                    "step %d still allocated %d bytes".formatted(MOST_STEPS, bytes));
        }
    }
}
