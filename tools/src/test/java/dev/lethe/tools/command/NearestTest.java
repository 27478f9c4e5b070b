package dev.lethe.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Optional;

class NearestTest {
    @ParameterizedTest
    @CsvSource({"kitten, sitting, 3", "'', abc, 3", "abc, '', 3", "same, same, 0", "ab, ba, 2"})
    void countsEdits(String a, String b, int edits) {
        assertEquals(edits, Nearest.edits(a, b));
        assertEquals(edits, Nearest.edits(b, a));
    }

    @Test
    void namesOnlyWhatIsNear() {
        List<String> known = List.of("--alpha", "--batch", "--checkpoint");
        assertEquals(Optional.of("--alpha"), Nearest.of("--alhpa", known));
        assertEquals(Optional.of("--checkpoint"), Nearest.of("--checkpnt", known));
        assertEquals(Optional.empty(), Nearest.of("--frobnicate", known));
        assertEquals("", Nearest.suggestion("--x", List.of()));
    }
}
