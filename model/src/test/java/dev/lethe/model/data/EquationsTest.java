package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EquationsTest {
    private static final Map<Equations, Integer> COUNTS =
            Map.of(
                    Equations.ADD, 900,
                    Equations.SUB, 465,
                    Equations.MUL, 144,
                    Equations.DIV, 144,
                    Equations.COPY, 1836);

    @ParameterizedTest
    @EnumSource
    void hasItsNumberOfDistinctTexts(Equations family) {
        assertEquals(COUNTS.get(family), family.texts().size());
        assertEquals(COUNTS.get(family), new HashSet<>(family.texts()).size());
    }

    @ParameterizedTest
    @EnumSource
    void fitsARow(Equations family) {
        assertTrue(family.texts().stream().allMatch(text -> text.length() + 2 <= 12));
    }

    @ParameterizedTest
    @EnumSource(names = "COPY", mode = EnumSource.Mode.EXCLUDE)
    void equationsAreTrue(Equations family) {
        for (String text : family.texts()) {
            String[] sides = text.split("=");
            String[] terms = sides[0].split("[-+*/]");
            int a = Integer.parseInt(terms[0]);
            int b = Integer.parseInt(terms[1]);
            int result =
                    switch (sides[0].charAt(terms[0].length())) {
                        case '+' -> a + b;
                        case '-' -> a - b;
                        case '*' -> a * b;
                        case '/' -> Math.divideExact(a, b);
                        default -> throw new AssertionError(text);
                    };
            assertEquals(result, Integer.parseInt(sides[1]), text);
            assertTrue(result >= 0, text);
        }
    }

    @Test
    void copiesRepeatThemselves() {
        for (String text : Equations.COPY.texts()) {
            String[] halves = text.substring(1).split(";");
            assertEquals('c', text.charAt(0));
            assertEquals(halves[0], halves[1]);
        }
        assertTrue(Equations.COPY.texts().contains("c30/9;30/9"));
        assertTrue(!Equations.COPY.texts().contains("c10/10;10/10"));
    }
}
