package dev.lethe.model.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.StudyData;
import dev.lethe.model.pipeline.Task;
import dev.lethe.model.train.StepRule;
import org.junit.jupiter.api.Test;

class FlopsTest {
    private final Batch batch =
            StudyData.of(Task.ARITHMETIC)
                    .main(Mixtures.of(Task.ARITHMETIC).data(Data.Mixture.MIXED, 0), 1, 256)
                    .batch(0)
                    .get(StepBatch.Role.MAIN);

    /// Two for each of 245,760 weights, 33,280 in the head, 11,264 in attention over 11 positions.
    @Test
    void aForwardPassOfTheMiniature() {
        double each = 2 * 245_760 + 33_280 + 11_264;
        assertEquals(
                256 * 11 * each, Flops.forward(Gemma2Presets.ARITHMETIC_MINIATURE, batch), 0.5);
    }

    @Test
    void trainingIsThreeForwardPasses() {
        Compute compute =
                Flops.step(
                        new NextToken(), Gemma2Presets.ARITHMETIC_MINIATURE, StepBatch.main(batch));
        assertEquals(1, compute.steps());
        assertEquals(batch.positions(), compute.tokens());
        assertEquals(256 * 11 * 1_608_192.0, compute.flops(), 0.5);
        assertEquals(0, compute.teacherFlops());
    }

    @Test
    void unlearningPaysForBothBatches() {
        Compute compute =
                Flops.step(
                        new MaxEnt(4, Positions.TARGETS),
                        Gemma2Presets.ARITHMETIC_MINIATURE,
                        StepBatch.forgetAndRetain(batch, batch));
        assertEquals(2 * 256 * 11 * 1_608_192.0, compute.flops(), 0.5);
    }

    @Test
    void sharpnessAwareStepsPayTwiceForTheirTeacherToo() {
        try (var backend = new ReferenceBackend();
                Gemma2 teacher =
                        Gemma2.allocate(
                                Gemma2Presets.ARITHMETIC_MINIATURE, backend, DType.F32)) {
            Distill distill = new Distill(teacher, Positions.TARGETS);
            StepBatch main = StepBatch.main(batch);
            Compute once =
                    Flops.update(
                            new StepRule.Plain(),
                            distill,
                            Gemma2Presets.ARITHMETIC_MINIATURE,
                            main);
            Compute twice =
                    Flops.update(
                            new StepRule.SharpnessAware(),
                            distill,
                            Gemma2Presets.ARITHMETIC_MINIATURE,
                            main);
            assertEquals(256 * 11 * 1_608_192.0, once.flops(), 0.5);
            assertEquals(256 * 11 * 536_064.0, once.teacherFlops(), 0.5);
            assertEquals(2 * once.flops(), twice.flops(), 0.5);
            assertEquals(2 * once.teacherFlops(), twice.teacherFlops(), 0.5);
            assertEquals(once.tokens(), twice.tokens());
            assertEquals(1, twice.steps());
        }
    }

    /// Besides the base, one more pass over forget data and a head at each depth before the last.
    @Test
    void representationNoiseReadsForgetDataAgain() {
        Compute base =
                Flops.step(
                        new MaxEnt(4, Positions.TARGETS),
                        Gemma2Presets.ARITHMETIC_MINIATURE,
                        StepBatch.forgetAndRetain(batch, batch));
        Compute noised =
                Flops.step(
                        new RepNoise(new MaxEnt(4, Positions.TARGETS), 1),
                        Gemma2Presets.ARITHMETIC_MINIATURE,
                        StepBatch.forgetAndRetain(batch, batch));
        double heads = 3 * Gemma2Presets.ARITHMETIC_MINIATURE.layers() * 33_280.0;
        assertEquals(256 * 11 * (1_608_192.0 + heads), noised.flops() - base.flops(), 0.5);
        assertEquals(base.tokens(), noised.tokens());
        assertEquals(0, noised.teacherFlops());
    }
}
