package dev.lethe.model.data.arithmetic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.data.arithmetic.Problem.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemsTest {
    private static final Pattern EQUATION = Pattern.compile("(\\d+) ([-+*/]) (\\d+) = (\\d+)");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private static List<Problem> training(long seed, int count) {
        List<Problem> problems = new ArrayList<>();
        Problems.training(seed, count, problems::add);
        return problems;
    }

    private static Set<String> texts(List<Problem> problems) {
        return problems.stream().map(Problem::text).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"ADD, 2500", "SUB, 1275", "MUL, 400", "DIV, 400"})
    void anOperationHasItsFacts(Operation operation, int facts) {
        assertEquals(facts, operation.facts().size());
        assertEquals(facts, Set.copyOf(operation.facts()).size());
    }

    @Test
    void trainingIsBalancedAndShuffled() {
        List<Problem> problems = training(42, 8000);
        Map<String, Long> counts =
                problems.stream()
                        .collect(
                                Collectors.groupingBy(
                                        problem -> problem.operation() + " " + problem.kind(),
                                        Collectors.counting()));
        assertEquals(8, counts.size());
        assertEquals(Set.of(1000L), Set.copyOf(counts.values()));
        Set<Operation> first =
                problems.subList(0, 40).stream()
                        .map(Problem::operation)
                        .collect(Collectors.toSet());
        assertEquals(4, first.size());
        assertNotEquals(
                problems.subList(0, 8).stream().map(Problem::operation).toList(),
                problems.subList(8, 16).stream().map(Problem::operation).toList());
    }

    @Test
    void trainingIsAFunctionOfTheSeed() {
        assertEquals(training(42, 500), training(42, 500));
        assertNotEquals(training(42, 500), training(43, 500));
        assertEquals(Problems.evaluation(42), Problems.evaluation(42));
        assertNotEquals(Problems.evaluation(42), Problems.evaluation(43));
    }

    @Test
    void equationsAreRightAndWithinTheirRanges() {
        for (Problem problem : training(1, 20_000)) {
            if (problem.kind() == Kind.EQUATION) {
                Matcher parts = EQUATION.matcher(problem.text());
                assertTrue(parts.matches(), problem.text());
                int left = Integer.parseInt(parts.group(1));
                int right = Integer.parseInt(parts.group(3));
                int answer = Integer.parseInt(parts.group(4));
                boolean holds =
                        switch (parts.group(2)) {
                            case "+" -> left <= 50 && right <= 50 && answer == left + right;
                            case "-" -> left <= 50 && right <= left && answer == left - right;
                            case "*" -> left <= 20 && right <= 20 && answer == left * right;
                            default -> answer <= 20 && right <= 20 && left == answer * right;
                        };
                assertTrue(holds && right >= 1, problem.text());
                assertEquals(answer, problem.answer());
                assertEquals(parts.group(2), problem.operation().sign());
            }
        }
    }

    /// A story shows three numbers, of which the last is right by one order of the first two.
    @Test
    void storiesAreRight() {
        for (Problem problem : training(2, 20_000)) {
            if (problem.kind() == Kind.WORD) {
                List<Integer> numbers =
                        NUMBER.matcher(problem.text())
                                .results()
                                .map(found -> Integer.valueOf(found.group()))
                                .toList();
                assertEquals(3, numbers.size(), problem.text());
                int x = numbers.get(0);
                int y = numbers.get(1);
                int answer = numbers.get(2);
                boolean holds =
                        switch (problem.operation()) {
                            case ADD -> answer == x + y && Math.max(x, y) <= 50;
                            case SUB -> answer == Math.abs(x - y) && Math.max(x, y) <= 100;
                            case MUL -> answer == x * y && Math.max(x, y) <= 20;
                            case DIV ->
                                    answer * Math.min(x, y) == Math.max(x, y)
                                            || answer * Math.max(x, y) == Math.min(x, y);
                        };
                assertTrue(holds && answer >= 1, problem.text());
            }
        }
    }

    @Test
    void theAnswerFollowsThePromptWhichEndsWithASpace() {
        List<Problem> all = new ArrayList<>(training(3, 5000));
        all.addAll(Problems.evaluation(3));
        for (Problem problem : all) {
            assertTrue(problem.prompt().endsWith(" "));
            String rest = problem.text().substring(problem.prompt().length());
            assertTrue(problem.text().startsWith(problem.prompt()));
            if (problem.kind() == Kind.EQUATION) {
                assertEquals(String.valueOf(problem.answer()), rest);
            } else {
                assertTrue(rest.startsWith(problem.answer() + " "), problem.text());
            }
            assertTrue(problem.text().matches("[A-Z0-9].*[.0-9]"), problem.text());
            assertTrue(!problem.text().matches(".*([{}_]|  ).*"), problem.text());
        }
    }

    @Test
    void evaluationHasAHundredDifferentProblemsAFamily() {
        List<Problem> problems = Problems.evaluation(42);
        assertEquals(800, problems.size());
        assertEquals(800, texts(problems).size());
        Map<String, Long> counts =
                problems.stream()
                        .collect(
                                Collectors.groupingBy(
                                        problem -> problem.operation() + " " + problem.kind(),
                                        Collectors.counting()));
        assertEquals(Set.of(100L), Set.copyOf(counts.values()));
    }

    @Test
    void overlapCountsWhatTrainingHolds() {
        List<Problem> evaluation = Problems.evaluation(42);
        List<Problem> training = training(42, 4000);
        Overlap overlap = new Overlap(evaluation);
        assertEquals(new Overlap.Counts(400, 0, 400, 0, 40, 0), overlap.counts());
        training.forEach(overlap::see);
        Set<String> shared = new HashSet<>(texts(evaluation));
        shared.retainAll(texts(training));
        Overlap.Counts counts = overlap.counts();
        assertEquals(shared.size(), counts.equationsInTraining());
        assertTrue(counts.equationsInTraining() > 100 && counts.equationsInTraining() < 400);
        assertEquals(0, counts.wordProblemsInTraining());
        assertEquals(0, counts.templatesInTraining());
        evaluation.forEach(overlap::see);
        assertEquals(new Overlap.Counts(400, 400, 400, 400, 40, 40), overlap.counts());
    }

    @Test
    void aProblemIsALineOfJson() throws Exception {
        JsonMapper json = new JsonMapper();
        assertEquals(
                "{\"text\":\"12 * 7 = 84\",\"prompt\":\"12 * 7 = \",\"answer\":84,"
                        + "\"operation\":\"mul\",\"kind\":\"equation\",\"template\":null}",
                json.writeValueAsString(Problem.equation(new Fact(Operation.MUL, 12, 7))));
    }

    @Test
    void factsHaveWholeResults() {
        assertThrows(IllegalArgumentException.class, () -> new Fact(Operation.SUB, 3, 4));
        assertThrows(IllegalArgumentException.class, () -> new Fact(Operation.DIV, 7, 2));
        assertThrows(IllegalArgumentException.class, () -> new Fact(Operation.DIV, 7, 0));
    }
}
