package dev.lethe.tools.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Task;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.experiment.FinishedRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class RowsTest {
    private static FinishedRun run(Task task) {
        Mixtures mixtures = Mixtures.of(task);
        StageSpec.Pretrain base =
                new StageSpec.Pretrain(
                        task,
                        Gemma2Presets.ARITHMETIC_MINIATURE,
                        1,
                        mixtures.data(Data.Mixture.MIXED, 0),
                        new Optimization(
                                3,
                                4,
                                1,
                                new Optimization.Rate(
                                        Optimization.Shape.CONSTANT, 1e-3, 1e-3, 0, 3),
                                0));
        return new FinishedRun(
                Path.of("run"),
                null,
                mixtures,
                null,
                null,
                List.of(new FinishedRun.Member("base", 1, "base", base, Path.of("base"), List.of())));
    }

    private static Subjects of(Task one, Task other) {
        SequencedMap<String, FinishedRun> runs = new LinkedHashMap<>();
        runs.put("a", run(one));
        runs.put("b", run(other));
        return new Subjects(List.of(), runs, null);
    }

    @Test
    void runsOfDifferentDataHaveNoRowsInCommon() {
        assertTrue(Rows.of(of(Task.ARITHMETIC, Task.ARITHMETIC), 16, 42).forget().rows() > 0);
        RefusedException refused =
                assertThrows(
                        RefusedException.class,
                        () -> Rows.of(of(Task.ARITHMETIC, Task.LANGUAGE), 16, 42));
        assertEquals(
                "--from: expected runs of one task and equal mixtures, got a and b that differ; study them one by one, or add --batch FILE",
                refused.getMessage());
    }
}
