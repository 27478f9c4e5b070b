package dev.lethe.tools.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.tools.progress.Progress.Style;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkProgressTest {
    private final List<String> lines = new ArrayList<>();

    private void work(Style style) {
        Progress progress = new Progress(style, lines::add);
        progress.announce("seed 42");
        try (WorkProgress work = progress.work(4e9)) {
            work.show(1e9, "base 1/4");
            work.say("base: 4 steps");
            work.show(4e9, "");
        }
    }

    @Test
    void withoutATerminalTheEndOfAPartIsALine() {
        work(Style.LINES);
        assertEquals(List.of("seed 42", "base: 4 steps"), lines);
    }

    @Test
    void quietIsSilent() {
        work(Style.NONE);
        assertEquals(List.of(), lines);
    }
}
