package dev.lethe.model.data.arithmetic;

import dev.lethe.model.data.arithmetic.Problem.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// How much of an evaluation set a training set also holds: what recall alone could answer.
public final class Overlap {
    /// @param equations evaluation equations
    /// @param equationsInTraining of them, those that are training texts
    /// @param wordProblems evaluation word problems
    /// @param wordProblemsInTraining of them, those that are training texts
    /// @param templates of the evaluation word problems
    /// @param templatesInTraining of them, those that a training problem has
    public record Counts(
            int equations,
            int equationsInTraining,
            int wordProblems,
            int wordProblemsInTraining,
            int templates,
            int templatesInTraining) {}

    private final Set<String> equations;
    private final Set<String> wordProblems;
    private final Set<String> templates;
    private final Set<String> unseen = new HashSet<>();

    public Overlap(List<Problem> evaluation) {
        equations = texts(evaluation, Kind.EQUATION);
        wordProblems = texts(evaluation, Kind.WORD);
        templates =
                evaluation.stream()
                        .filter(problem -> problem.kind() == Kind.WORD)
                        .map(Problem::template)
                        .collect(Collectors.toSet());
        unseen.addAll(equations);
        unseen.addAll(wordProblems);
        unseen.addAll(templates);
    }

    private static Set<String> texts(List<Problem> problems, Kind kind) {
        return problems.stream()
                .filter(problem -> problem.kind() == kind)
                .map(Problem::text)
                .collect(Collectors.toSet());
    }

    /// Takes a training problem into account.
    public void see(Problem training) {
        unseen.remove(training.text());
        if (training.kind() == Kind.WORD) {
            unseen.remove(training.template());
        }
    }

    /// After all training problems.
    public Counts counts() {
        return new Counts(
                equations.size(),
                seen(equations),
                wordProblems.size(),
                seen(wordProblems),
                templates.size(),
                seen(templates));
    }

    private int seen(Set<String> all) {
        return (int) all.stream().filter(one -> !unseen.contains(one)).count();
    }
}
