package dev.lethe.model.data.arithmetic;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.arithmetic.Problem.Kind;
import dev.lethe.model.data.arithmetic.Template.Held;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The paper's arithmetic data (PAPER 3.1, 3.5), a function of the seed.
///
/// Training problems are drawn with replacement, the eight families of operation and kind equally
/// often (the first ones once more where the number does not divide), in an order drawn from the
/// seed. Problem i takes elements 16i to 16i + 15 of its stream.
///
/// Evaluation has in each family as many different problems. Its equations come from the same facts
/// as training's, as in the paper; its word problems have templates that training never sees.
public final class Problems {
    /// Evaluation problems of each family (PAPER 3.5).
    public static final int A_FAMILY = 100;

    private static final Operation[] OPERATIONS = Operation.values();
    private static final int FAMILIES = OPERATIONS.length * Kind.values().length;

    private static final int ELEMENTS = 16; // of a problem
    private static final int TEMPLATE = 2; // after the operands
    private static final int WORDS = 3; // then the slots
    private static final int STREAM = 1 << 16; // below are the stages of the miniatures

    private static final Map<Operation, List<Template>> TRAIN = templates(Held.TRAIN);
    private static final Map<Operation, List<Template>> HELD = templates(Held.HELD);

    private Problems() {}

    private static Map<Operation, List<Template>> templates(Held held) {
        return Stream.of(OPERATIONS)
                .collect(
                        Collectors.toMap(
                                Function.identity(),
                                operation -> Template.of(operation, held),
                                (one, _) -> one,
                                () -> new EnumMap<>(Operation.class)));
    }

    /// Hands over `count` training problems, one at a time.
    public static void training(long seed, int count, Consumer<Problem> problems) {
        PhiloxStream random = new PhiloxStream(seed, Purpose.DATA_GENERATION, STREAM);
        for (int at : new PhiloxStream(seed, Purpose.DATA_ORDER, STREAM).permutation(count)) {
            problems.accept(trainingProblem(random, at));
        }
    }

    private static Problem trainingProblem(PhiloxStream random, int number) {
        int family = number % FAMILIES;
        Operation operation = OPERATIONS[family % OPERATIONS.length];
        long at = (long) number * ELEMENTS;
        return family < OPERATIONS.length
                ? Problem.equation(operation.equation(random, at))
                : story(operation, TRAIN.get(operation), random, at);
    }

    /// The problems to judge by, family by family, all different.
    public static List<Problem> evaluation(long seed) {
        List<Problem> problems = new ArrayList<>(FAMILIES * A_FAMILY);
        for (Operation operation : OPERATIONS) {
            int stream = STREAM + 2 * operation.ordinal();
            List<Fact> facts = operation.facts();
            int[] order =
                    new PhiloxStream(seed, Purpose.EVALUATION, stream).permutation(facts.size());
            for (int i = 0; i < A_FAMILY; i++) {
                problems.add(Problem.equation(facts.get(order[i])));
            }
            PhiloxStream random = new PhiloxStream(seed, Purpose.EVALUATION, stream + 1);
            Set<String> seen = new HashSet<>();
            for (long i = 0; seen.size() < A_FAMILY; i++) {
                Problem problem = story(operation, HELD.get(operation), random, i * ELEMENTS);
                if (seen.add(problem.text())) {
                    problems.add(problem);
                }
            }
        }
        return problems;
    }

    private static Problem story(
            Operation operation, List<Template> templates, PhiloxStream random, long at) {
        Template template = templates.get(random.below(at + TEMPLATE, templates.size()));
        return template.fill(operation.story(random, at), random, at + WORDS);
    }
}
