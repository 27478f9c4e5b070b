package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.arithmetic.Problem;
import dev.lethe.model.evaluate.ProblemAnswers;
import dev.lethe.model.gemma2.Gemma2;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The mean accuracy over families of problems, each of an operation and a kind (PAPER 3.5).
record ProblemAccuracy(List<ProblemAnswers> families) {
    private record Family(Enum<?> operation, Problem.Kind kind) {}

    /// @param which problems to ask
    static ProblemAccuracy of(List<Problem> all, Tokenizer tokenizer, Predicate<Problem> which) {
        Map<Family, List<Problem>> families =
                all.stream()
                        .filter(which)
                        .collect(
                                Collectors.groupingBy(
                                        one -> new Family(one.operation(), one.kind()),
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        return new ProblemAccuracy(
                families.values().stream()
                        .map(family -> new ProblemAnswers(family, tokenizer))
                        .toList());
    }

    /// From 0 to 1.
    double of(Gemma2 model, Workers workers) {
        return families.stream()
                .mapToDouble(family -> family.accuracy(model, workers))
                .average()
                .orElseThrow();
    }
}
