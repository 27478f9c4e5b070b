package dev.lethe.model.study;

import dev.lethe.model.gradients.Coordinates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/// The Euclidean norm of one parameter's part of a vector.
///
/// @param count its numbers; `norm / sqrt(count)` is their root mean square
public record ParameterNorm(ParameterPlace place, double norm, int count) {
    /// One a parameter, in order.
    public static List<ParameterNorm> of(double[] vector, Coordinates coordinates) {
        List<ParameterNorm> norms = new ArrayList<>();
        coordinates
                .spans()
                .forEach(
                        (name, span) -> {
                            double squares = 0;
                            for (int i = span.from(); i < span.from() + span.length(); i++) {
                                squares += vector[i] * vector[i];
                            }
                            norms.add(
                                    new ParameterNorm(
                                            ParameterPlace.of(name),
                                            Math.sqrt(squares),
                                            span.length()));
                        });
        return List.copyOf(norms);
    }

    /// Norms of groups of parameters, such as layers (`ParameterPlace::group`) or kinds
    /// (`ParameterPlace::kind`), in the order in which they come.
    public static <K> SequencedMap<K, Double> by(
            Function<ParameterPlace, K> key, List<ParameterNorm> norms) {
        SequencedMap<K, Double> squares = new LinkedHashMap<>();
        for (ParameterNorm one : norms) {
            squares.merge(key.apply(one.place()), one.norm() * one.norm(), Double::sum);
        }
        squares.replaceAll((_, sum) -> Math.sqrt(sum));
        return squares;
    }
}
