package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.results.Claim;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/// A quantity of each seed. It has a mean only where every seed has it: leaving seeds out would
/// choose among them.
///
/// @param name of the model or relation
/// @param seeds one value a seed, in order
record Measured(String name, List<OptionalDouble> seeds) {
    static Measured of(String name, List<Long> seeds, LongFunction<OptionalDouble> value) {
        return new Measured(
                name, seeds.stream().flatMapToLong(LongStream::of).mapToObj(value).toList());
    }

    boolean isComplete() {
        return !seeds.isEmpty() && seeds.stream().allMatch(OptionalDouble::isPresent);
    }

    List<Double> values() {
        return seeds.stream().map(OptionalDouble::orElseThrow).toList();
    }

    Estimate estimate() {
        return Estimate.of(values());
    }

    /// For the claim's file. Tests ask whether the mean differs from `from`.
    Claim.Part part(double from) {
        List<Double> each =
                seeds.stream().map(v -> v.isPresent() ? (Double) v.getAsDouble() : null).toList();
        if (!isComplete()) {
            return new Claim.Part(name, null, null, null, null, each);
        }
        List<Double> differences = values().stream().map(value -> value - from).toList();
        return new Claim.Part(
                name,
                estimate().mean(),
                estimate().interval(),
                PairedTest.t(differences),
                PairedTest.rank(differences),
                each);
    }
}
