package dev.lethe.tools.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.train.StepReport;
import dev.lethe.tools.progress.Progress.Style;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageProgressTest {
    private final List<String> lines = new ArrayList<>();

    private void train(Style style) {
        Progress progress = new Progress(style, lines::add);
        progress.announce("seed 42");
        try (StageProgress stage = progress.stage("base", 3)) {
            for (long step = 1; step <= 3; step++) {
                stage.onStep(
                        new StepReport(step, 0.5 / step, new LinkedHashMap<>(), 1e-3, 1, 100, 1));
            }
        }
    }

    @Test
    void withoutATerminalTheEndIsALine() {
        train(Style.LINES);
        assertEquals("seed 42", lines.getFirst());
        assertTrue(
                lines.getLast()
                        .matches("base: 3 steps in [0-9.]+ s, loss 0\\.1667, [0-9,]+ tokens/s"),
                lines.toString());
    }

    @Test
    void quietIsSilent() {
        train(Style.NONE);
        assertEquals(List.of(), lines);
    }
}
