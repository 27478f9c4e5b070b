package dev.lethe.model.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.model.data.ArithmeticData;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Positions;
import org.junit.jupiter.api.Test;

class FlopsTest {
    private final Batch batch =
            ArithmeticData.batch(ArithmeticData.MIXED, ArithmeticData.stream(1, 0), 0, 256);

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
}
