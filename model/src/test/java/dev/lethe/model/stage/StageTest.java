package dev.lethe.model.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.ArithmeticData;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.AttentionKind;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.DivergedException;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Stages of a tiny model on the reference backend.
class StageTest {
    private static final Gemma2Config TINY =
            Gemma2Config.builder()
                    .vocabSize(260)
                    .hiddenSize(8)
                    .intermediateSize(16)
                    .layerKinds(List.of(AttentionKind.FULL))
                    .heads(2)
                    .kvHeads(1)
                    .headDim(4)
                    .queryPreAttnScalar(4)
                    .maxPositions(16)
                    .build();
    private static final BatchSource FORGET =
            step ->
                    StepBatch.main(
                            ArithmeticData.batch(
                                    ArithmeticData.FORGET, ArithmeticData.stream(1, 5), step, 4));

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Machine machine = new Machine(backend, DType.F32, workers);

    @AfterEach
    void nothingLeaks() {
        assertEquals(0, backend.memory().openArenas());
        workers.close();
        backend.close();
    }

    private static Stage pretraining(long seed) {
        TrainingPlan plan = TrainingPlan.of(3, 2, new Schedule.Constant(1e-2, 0));
        return new Stage(new Start.Fresh(TINY, seed), new NextToken(), plan, FORGET);
    }

    private static float[] weights(Gemma2 model) {
        return model.parameters().get("model.embed_tokens.weight").toFloats();
    }

    @Test
    void reportsWhatItTook() {
        List<Double> losses = new ArrayList<>();
        try (TrainedModel made =
                pretraining(1).run(machine, List.of(report -> losses.add(report.loss())))) {
            assertEquals(3, made.compute().steps());
            assertEquals(Trainer.Ended.STEPS, made.ended());
            long tokens = 0;
            for (long step = 0; step < 3; step++) {
                tokens += FORGET.batch(step).tokens();
            }
            assertEquals(tokens, made.compute().tokens());
        }
        assertEquals(3, losses.size());
        assertTrue(losses.getLast() < losses.getFirst(), losses.toString());
    }

    @Test
    void seedsDifferAndRepeat() {
        try (TrainedModel one = pretraining(1).run(machine, List.of());
                TrainedModel again = pretraining(1).run(machine, List.of());
                TrainedModel other = pretraining(2).run(machine, List.of())) {
            assertArrayEquals(weights(one.model()), weights(again.model()));
            assertTrue(weights(one.model())[0] != weights(other.model())[0]);
        }
    }

    @Test
    void distillationCountsItsTeacher() {
        try (TrainedModel teacher = pretraining(1).run(machine, List.of())) {
            TrainingPlan plan = TrainingPlan.of(2, 2, new Schedule.Constant(1e-2, 0));
            Distill distill = new Distill(teacher.model(), Positions.TARGETS);
            Stage stage = new Stage(new Start.Fresh(TINY, 2), distill, plan, FORGET);
            try (TrainedModel student = stage.run(machine, List.of())) {
                Compute compute = student.compute();
                assertEquals(compute.flops() / 3, compute.teacherFlops(), 1e-6 * compute.flops());
            }
        }
    }

    @Test
    void anAttackLooksAtItsStepsAndLeavesTheModelAlone() {
        try (TrainedModel made = pretraining(1).run(machine, List.of())) {
            float[] before = weights(made.model());
            RelearningAttack attack = new RelearningAttack(1e-2, 2, List.of(0L, 1L, 4L), FORGET);
            List<Float> seen = new ArrayList<>();
            AttackRun run =
                    attack.against(
                            made.model(),
                            attacked -> {
                                seen.add(weights(attacked)[0]);
                                return 0.25;
                            },
                            machine,
                            List.of());
            assertArrayEquals(before, weights(made.model()));
            assertEquals(before[0], seen.getFirst());
            assertEquals(OptionalLong.empty(), run.diverged());
            assertEquals(
                    List.of(0L, 1L, 4L), run.points().stream().map(AttackRun.Point::step).toList());
            assertEquals(0, run.points().getFirst().compute().tokens());
            assertEquals(4, run.points().getLast().compute().steps());
        }
    }

    @Test
    void aDivergedAttackIsRecordedAndSurvived() {
        try (TrainedModel made = pretraining(1).run(machine, List.of())) {
            RelearningAttack attack = new RelearningAttack(1e30, 2, List.of(0L, 1L, 50L), FORGET);
            AttackRun run = attack.against(made.model(), _ -> 0.5, machine, List.of());
            assertEquals(OptionalLong.of(2), run.diverged());
            assertEquals(
                    List.of(0L, 1L), run.points().stream().map(AttackRun.Point::step).toList());
        }
    }

    @Test
    void aStageThatDivergesLeavesNoModelBehind() {
        TrainingPlan plan = TrainingPlan.of(5, 1, new Schedule.Constant(1e30, 0));
        Stage stage = new Stage(new Start.Fresh(TINY, 1), new NextToken(), plan, FORGET);
        assertThrows(DivergedException.class, () -> stage.run(machine, List.of()));
    }

    @Test
    void refusesStepsThatDoNotRiseFromZero() {
        for (List<Long> steps : List.of(List.<Long>of(), List.of(1L, 2L), List.of(0L, 5L, 5L))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new RelearningAttack(1e-3, 1, steps, FORGET));
        }
    }
}
