package dev.lethe.tools.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.tools.command.RefusedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// From YAML to records, or one line.
class RecordBinderTest {
    record Outer(
            String name,
            Colour colour,
            List<Inner> inner,
            Optional<Long> more,
            Map<Colour, Double> shares) {}

    record Inner(double rate, int count) {
        Inner {
            if (count < 0) {
                throw new IllegalArgumentException("count: expected 0 or more, got " + count);
            }
        }
    }

    enum Colour {
        RED,
        LIGHT_BLUE
    }

    private static final String WHOLE =
            """
            name: 56
            colour: light-blue
            inner:
              - {rate: 3e-4, count: 2}
              - {rate: 1, count: 0}
            shares: {light-blue: 0.5}
            """;

    private static Outer bind(String yaml) {
        return Configuration.parse("f.yaml", yaml).bind(Outer.class);
    }

    private static void refused(String expected, String instead, String written) {
        String yaml = WHOLE.replace(instead, written);
        assertEquals(
                "f.yaml: " + expected,
                assertThrows(RefusedException.class, () -> bind(yaml)).getMessage());
    }

    @Test
    void bindsNumbersWordsListsAndRecords() {
        assertEquals(
                new Outer(
                        "56",
                        Colour.LIGHT_BLUE,
                        List.of(new Inner(3e-4, 2), new Inner(1, 0)),
                        Optional.empty(),
                        Map.of(Colour.LIGHT_BLUE, 0.5)),
                bind(WHOLE));
        assertEquals(Optional.of(7L), bind(WHOLE + "more: 7\n").more());
    }

    @Test
    void refusesWithThePlaceInOneLine() {
        refused(
                "unknown key colur; did you mean colour?;"
                        + " expected name, colour, inner, more, shares",
                "colour",
                "colur");
        refused("expected a key name, got none; add it", "name: 56", "");
        refused(
                "colour: expected red or light-blue, got ligth-blue; did you mean light-blue?",
                "light-blue",
                "ligth-blue");
        refused("inner.1.count: expected a whole number, got 0.5; correct it", "count: 0", "count: 0.5");
        refused("inner.0.rate: expected a number, got fast; correct it", "3e-4", "fast");
        refused("inner.1: count: expected 0 or more, got -1", "count: 0", "count: -1");
        refused("name: expected text, got [1]; write it in quotes", "56", "[1]");
        refused(
                "inner.0: expected the keys rate, count, got 3; write them below it",
                "{rate: 3e-4, count: 2}",
                "3");
        refused(
                "shares: unknown key ligth-blue; did you mean light-blue?; expected red, light-blue",
                "{light-blue",
                "{ligth-blue");
        refused("shares.red: expected a number, got much; correct it", "{light", "{red: much, light");
        refused(
                "shares: expected the keys red, light-blue, got [1]; write them below it",
                "{light-blue: 0.5}",
                "[1]");
        assertThrows(RefusedException.class, () -> bind("3"));
        assertThrows(RefusedException.class, () -> bind(""));
    }
}
