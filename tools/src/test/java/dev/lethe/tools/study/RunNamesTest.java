package dev.lethe.tools.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.tools.command.RefusedException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunNamesTest {
    private static List<String> names(String... places) {
        List<Path> all = List.of(places).stream().map(Path::of).toList();
        return all.stream().map(one -> RunNames.of(one, all)).toList();
    }

    @Test
    void runsBearAsMuchOfTheirPathsAsTellsThemApart() {
        assertEquals(List.of(""), names("/runs/toy"), "one alone needs no name");
        assertEquals(List.of("toy", "other"), names("/runs/toy", "/runs/other"));
        assertEquals(List.of("a-toy", "b-toy", "c"), names("/a/toy", "/b/toy", "/b/c"));
    }

    @Test
    void aRunNamedTwiceIsRefused() {
        assertThrows(RefusedException.class, () -> names("/runs/toy", "/runs/../runs/toy"));
    }
}
