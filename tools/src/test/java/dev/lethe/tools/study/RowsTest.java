package dev.lethe.tools.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.Task;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.experiment.FinishedRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class RowsTest {
    private static FinishedRun run(Task task) {
        return new FinishedRun(
                Path.of("run"), null, task, Mixtures.of(task), null, null, List.of());
    }

    private static Subjects of(Task one, Task other) {
        SequencedMap<String, FinishedRun> runs = new LinkedHashMap<>();
        runs.put("a", run(one));
        runs.put("b", run(other));
        return new Subjects(List.of(), runs, null);
    }

    @Test
    void runsOfDifferentDataHaveNoRowsInCommon() {
        assertEquals(
                Optional.of(Task.ARITHMETIC), Rows.taskOf(of(Task.ARITHMETIC, Task.ARITHMETIC)));
        RefusedException refused =
                assertThrows(
                        RefusedException.class,
                        () -> Rows.of(of(Task.ARITHMETIC, Task.LANGUAGE), 16, 42));
        assertEquals(
                "--from: expected runs of one task and equal mixtures, got a and b that differ; study them one by one, or add --batch FILE",
                refused.getMessage());
    }
}
