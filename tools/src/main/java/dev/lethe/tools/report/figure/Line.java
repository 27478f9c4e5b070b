package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Estimate;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A line of a chart with the interval over seeds around it.
public record Line(String name, Look look, List<Spot> spots) {
    public Line {
        spots = List.copyOf(spots);
    }

    /// @param low equal to the mean where one seed gives no interval
    public record Spot(double x, double mean, double low, double high) {
        static Spot of(double x, List<Double> values) {
            Estimate estimate = Estimate.of(values);
            return estimate.hasInterval()
                    ? new Spot(x, estimate.mean(), estimate.low(), estimate.high())
                    : new Spot(x, estimate.mean(), estimate.mean(), estimate.mean());
        }
    }

    /// The mean of one curve a seed, where at least one seed has a value. A seed that lacks a step
    /// is left out there.
    static Line ofSeeds(String name, Look look, List<? extends NavigableMap<Long, Double>> seeds) {
        NavigableMap<Long, List<Double>> steps = new TreeMap<>();
        for (NavigableMap<Long, Double> seed : seeds) {
            seed.forEach(
                    (step, value) ->
                            steps.merge(
                                    step,
                                    List.of(value),
                                    (a, b) -> Stream.concat(a.stream(), b.stream()).toList()));
        }
        return new Line(
                name,
                look,
                steps.entrySet().stream()
                        .map(step -> Spot.of(step.getKey(), step.getValue()))
                        .toList());
    }

    boolean isEmpty() {
        return spots.isEmpty();
    }
}
