package dev.lethe.tools.report.results;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// All rows of one experiment, and what can be asked of them.
///
/// @param rows in the order of the file
public record Results(List<ResultRow> rows) {
    public Results {
        rows = List.copyOf(rows);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(
                    "results: expected at least one row, got none; run the experiment first");
        }
        String experiment = rows.getFirst().experiment();
        Set<Key> seen = new HashSet<>();
        for (ResultRow row : rows) {
            if (!row.experiment().equals(experiment)) {
                throw new IllegalArgumentException(
                        "results: expected one experiment, got %s and %s; keep one file each"
                                .formatted(experiment, row.experiment()));
            }
            if (!seen.add(Key.of(row))) {
                throw new IllegalArgumentException(
                        "results: expected each value once, got %s twice; remove one"
                                .formatted(Key.of(row)));
            }
        }
    }

    private record Key(
            long seed, String model, Attack attack, OptionalDouble lr, long step, Metric metric) {
        static Key of(ResultRow row) {
            return new Key(
                    row.seed(),
                    row.model(),
                    row.attack(),
                    row.attackLr(),
                    row.step(),
                    row.metric());
        }

        @Override
        public String toString() {
            return "%s of %s, seed %d, %s%s step %d"
                    .formatted(
                            metric.word(),
                            model,
                            seed,
                            attack.word(),
                            lr.isPresent() ? " " + lr.getAsDouble() : "",
                            step);
        }
    }

    public String experiment() {
        return rows.getFirst().experiment();
    }

    /// In the order of the file.
    public List<Long> seeds() {
        return rows.stream().map(ResultRow::seed).distinct().toList();
    }

    /// Names in the order of the file.
    public List<String> models() {
        return rows.stream().map(ResultRow::model).distinct().toList();
    }

    public boolean has(String model) {
        return rows.stream().anyMatch(row -> row.model().equals(model));
    }

    /// Accuracy where the task has one.
    public Ability ability() {
        return rows.stream().anyMatch(row -> row.metric() == Metric.FORGET_ACCURACY)
                ? Ability.ACCURACY
                : Ability.CROSS_ENTROPY;
    }

    /// The method of unlearning behind a model, empty where there is none.
    public String method(String model) {
        return of(model).map(ResultRow::method).findFirst().orElse("");
    }

    /// UNDO's share of noise, of a model that it made.
    public OptionalDouble alpha(String model) {
        return of(model).map(ResultRow::alpha).findFirst().orElse(OptionalDouble.empty());
    }

    private Stream<ResultRow> of(String model) {
        return rows.stream().filter(row -> row.model().equals(model));
    }

    /// A value before any attack.
    public OptionalDouble before(String model, long seed, Metric metric) {
        return of(model)
                .filter(row -> row.seed() == seed && row.attack() == Attack.NONE)
                .filter(row -> row.metric() == metric)
                .mapToDouble(ResultRow::value)
                .findFirst();
    }

    /// What one attack did to a model: by learning rate, by step, the values of a metric. Whatever
    /// a run reports from the step on at which it diverged is left out.
    public NavigableMap<Double, NavigableMap<Long, Double>> during(
            String model, long seed, Attack attack, Metric metric) {
        NavigableMap<Double, NavigableMap<Long, Double>> runs = new TreeMap<>();
        attacked(model, seed, attack)
                .forEach(
                        row -> {
                            var run =
                                    runs.computeIfAbsent(
                                            row.attackLr().getAsDouble(), _ -> new TreeMap<>());
                            if (row.metric() == metric) {
                                run.put(row.step(), row.value());
                            }
                        });
        diverged(model, seed, attack)
                .forEach((rate, step) -> runs.get(rate).tailMap(step, true).clear());
        return runs;
    }

    /// Learning rates at which an attack diverged, each with its step.
    public Map<Double, Long> diverged(String model, long seed, Attack attack) {
        Map<Double, Long> steps = new TreeMap<>();
        attacked(model, seed, attack)
                .filter(row -> row.metric() == Metric.DIVERGED && row.value() != 0)
                .forEach(row -> steps.merge(row.attackLr().getAsDouble(), row.step(), Math::min));
        return steps;
    }

    private Stream<ResultRow> attacked(String model, long seed, Attack attack) {
        return of(model).filter(row -> row.seed() == seed && row.attack() == attack);
    }

    /// Learning rates of an attack.
    public List<Double> learningRates(Attack attack) {
        return values(row -> row.attack() == attack)
                .map(row -> row.attackLr().getAsDouble())
                .distinct()
                .sorted()
                .toList();
    }

    /// The last step of an attack, over all models.
    public OptionalLong lastStep(Attack attack) {
        return values(row -> row.attack() == attack).mapToLong(ResultRow::step).max();
    }

    private Stream<ResultRow> values(Predicate<ResultRow> which) {
        return rows.stream().filter(which);
    }
}
