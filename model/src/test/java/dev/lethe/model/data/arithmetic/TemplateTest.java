package dev.lethe.model.data.arithmetic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.arithmetic.Template.Held;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    private static List<String> lines(Operation operation, String set) {
        return WordList.lines("templates/%s-%s.txt".formatted(operation.label(), set));
    }

    @ParameterizedTest
    @EnumSource
    void anOperationHasTwentyToLearnAndTenHeldOut(Operation operation) {
        assertEquals(20, Template.of(operation, Held.TRAIN).size());
        assertEquals(10, Template.of(operation, Held.HELD).size());
    }

    @Test
    void noTemplateOccursTwiceInTrainingOrHeldOut() {
        Set<String> seen = new HashSet<>();
        for (Operation operation : Operation.values()) {
            for (String set : List.of("train", "held")) {
                for (String line : lines(operation, set)) {
                    assertTrue(seen.add(line), line);
                }
            }
        }
        assertEquals(120, seen.size());
    }

    @Test
    void everyTemplateUsesBothNumbersOnceAndEndsInItsObject() {
        for (Operation operation : Operation.values()) {
            for (String set : List.of("train", "held")) {
                for (String line : lines(operation, set)) {
                    assertEquals(2, line.split("\\{a}", -1).length, line);
                    assertEquals(2, line.split("\\{b}", -1).length, line);
                    assertTrue(line.matches(".* _ \\{object}( more)?\\."), line);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void wordListsHaveNoWordTwice(WordList list) {
        assertEquals(list.words().size(), Set.copyOf(list.words()).size());
        int least =
                switch (list) {
                    case NAMES, OBJECTS -> 150;
                    case CONTAINERS, PLACES, GROUPS -> 30;
                };
        assertTrue(list.words().size() >= least);
        assertTrue(list.words().stream().noneMatch(word -> word.isBlank() || word.contains("_")));
    }

    @Test
    void fillsItsBlanks() {
        Template template =
                Template.parse("t", Operation.SUB, "{place} had {a}, {b} went. Left _ {object}.");
        Fact fact = new Fact(Operation.SUB, 9, 4);
        Problem problem = template.fill(fact, new PhiloxStream(1, Purpose.PROBE, 0), 0);
        assertTrue(
                problem.text().matches("The [a-z ]+ had 9, 4 went\\. Left 5 [a-z ]+\\."),
                problem.text());
        assertTrue(problem.prompt().endsWith(" had 9, 4 went. Left "), problem.prompt());
        assertEquals("t", problem.template());
    }

    @Test
    void theOtherPersonIsNeverTheFirst() {
        Template template = Template.parse("t", Operation.ADD, "{name}|{other}|{a} {b} _ x");
        PhiloxStream random = new PhiloxStream(1, Purpose.PROBE, 0);
        Set<String> others = new HashSet<>();
        for (int i = 0; i < 5000; i++) {
            Problem problem = template.fill(new Fact(Operation.ADD, 1, 1), random, 16L * i);
            String[] people = problem.text().split("\\|");
            assertNotEquals(people[0], people[1]);
            others.add(people[1]);
        }
        assertEquals(Set.copyOf(WordList.NAMES.words()), others);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{a} {b}", "{a} _ {b} _ c", "{a}_{b}", "{a} {nobody} {b} _ x"})
    void refusesALineThatIsNoTemplate(String line) {
        assertThrows(
                IllegalArgumentException.class, () -> Template.parse("t", Operation.ADD, line));
    }
}
