package dev.lethe.model.pipeline;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.arithmetic.Fact;
import dev.lethe.model.data.arithmetic.Operation;
import dev.lethe.model.data.arithmetic.Problem;
import dev.lethe.model.data.arithmetic.Problem.Kind;
import dev.lethe.model.data.arithmetic.Problems;
import dev.lethe.model.data.text.Packer;
import dev.lethe.model.data.text.ShuffledWindows;
import dev.lethe.model.data.text.WindowSet;
import dev.lethe.model.data.text.Windows;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The paper's problems (PAPER 3.1) packed to windows, one set of windows for each set of operations
/// that is asked for. Each problem begins with the mark that ends the one before.
///
/// The half of the facts that an attack on half the data is shown is asked in equations alone, since
/// a word problem does not say which fact it is about.
final class PackedProblems {
    private static final long SEED = 99; // the reference code's, of its files
    private static final int HALVES_STREAM = 48; // of evaluation; below are the miniatures'
    private static final Set<String> SHOWN = shown();

    private final Tokenizer tokenizer;
    private final int length;
    private final int count;
    private final Map<Chosen, WindowSet> packed = new HashMap<>();

    private record Chosen(Set<Operation> operations, boolean half) {}

    /// @param length T
    /// @param count problems of all operations together
    PackedProblems(Tokenizer tokenizer, int length, int count) {
        this.tokenizer = tokenizer;
        this.length = length;
        this.count = count;
    }

    /// The problems to judge by, the same for every run.
    static List<Problem> evaluation() {
        return Problems.evaluation(SEED);
    }

    /// Prompts of the equations of half of the facts that are to be forgotten.
    private static Set<String> shown() {
        Set<String> shown = new HashSet<>();
        for (Operation operation : EnumSet.of(Operation.MUL, Operation.DIV)) {
            List<Fact> facts = operation.facts();
            int stream = HALVES_STREAM + operation.ordinal();
            int[] order =
                    new PhiloxStream(0, Purpose.EVALUATION, stream).permutation(facts.size());
            for (int i = 0; i < facts.size() / 2; i++) {
                shown.add(facts.get(order[i]).question());
            }
        }
        return shown;
    }

    /// Whether it is one that an attack on half the data is shown.
    static boolean isShown(Problem problem) {
        return SHOWN.contains(problem.prompt());
    }

    /// Whether it is of the other half.
    static boolean isHeld(Problem problem) {
        boolean forgotten =
                problem.operation() == Operation.MUL || problem.operation() == Operation.DIV;
        return forgotten && problem.kind() == Kind.EQUATION && !isShown(problem);
    }

    ShuffledWindows.Part part(double weight, Set<Operation> operations, boolean half) {
        WindowSet windows = windows(new Chosen(Set.copyOf(operations), half));
        return new ShuffledWindows.Part(weight, windows, 0, windows.count());
    }

    private synchronized WindowSet windows(Chosen chosen) {
        return packed.computeIfAbsent(chosen, this::pack);
    }

    private WindowSet pack(Chosen chosen) {
        List<Windows> blocks = new ArrayList<>();
        Packer packer = new Packer(tokenizer, length, false, blocks::add);
        Problems.training(
                SEED,
                count,
                problem -> {
                    boolean mine = chosen.operations.contains(problem.operation());
                    if (mine && (!chosen.half || isShown(problem))) {
                        packer.add(problem.text());
                    }
                });
        packer.finish();
        return WindowSet.of(length + 1, blocks);
    }

    /// Windows of the problems to judge by, at most so many.
    Batch evaluated(int most) {
        List<String> texts = evaluation().stream().map(Problem::text).toList();
        Windows windows = Packer.pack(texts, tokenizer, length, false).windows();
        Batch all = windows.batch();
        return all.rows(0, Math.min(most, all.rows()));
    }
}
