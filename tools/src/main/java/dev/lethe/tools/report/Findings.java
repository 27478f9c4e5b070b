package dev.lethe.tools.report;

import dev.lethe.model.stage.RecoveryCurve;
import dev.lethe.tools.report.Claim.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// What follows from the runs of all seeds.
public record Findings(List<SeedRun> seeds, Thresholds thresholds) {
    private static final String BASE = "base";
    private static final String FILTER = "filter";
    private static final String UNLEARNED = "unlearn-";
    private static final String DISTILLED = "distill-";

    public Findings {
        seeds = List.copyOf(seeds);
        if (seeds.isEmpty()) {
            throw new IllegalArgumentException("report: expected at least one seed, got none");
        }
    }

    /// Names of all models, in the order they were made.
    List<String> models() {
        return seeds.getFirst().models().stream().map(ModelRun::name).toList();
    }

    /// Names of those that were attacked.
    List<String> attacked() {
        return seeds.getFirst().models().stream()
                .filter(model -> !model.attacks().isEmpty())
                .map(ModelRun::name)
                .toList();
    }

    /// Recovery of a model, one curve a seed.
    List<RecoveryCurve> curves(String model) {
        return seeds.stream().map(seed -> seed.model(model).curve()).toList();
    }

    /// A of each seed.
    List<OptionalDouble> areas(String model) {
        return curves(model).stream().map(curve -> curve.area(thresholds.horizon())).toList();
    }

    /// R of each seed; empty where the model lost too much of its teacher's retain accuracy.
    List<OptionalDouble> robustness(String method) {
        return seeds.stream().map(seed -> robustness(seed, method)).toList();
    }

    private OptionalDouble robustness(SeedRun seed, String method) {
        OptionalDouble model = area(seed, DISTILLED + method);
        OptionalDouble filter = area(seed, FILTER);
        OptionalDouble unlearned = area(seed, UNLEARNED + method);
        if (model.isEmpty() || filter.isEmpty() || unlearned.isEmpty() || !kept(seed, method)) {
            return OptionalDouble.empty();
        }
        return RecoveryCurve.robustness(
                model.getAsDouble(), filter.getAsDouble(), unlearned.getAsDouble());
    }

    private OptionalDouble area(SeedRun seed, String model) {
        return seed.model(model).curve().area(thresholds.horizon());
    }

    private boolean kept(SeedRun seed, String method) {
        return retainGain(seed, method) >= -thresholds.retainLoss();
    }

    /// The distilled model's retain accuracy less its teacher's.
    private static double retainGain(SeedRun seed, String method) {
        return seed.model(DISTILLED + method).before().retain()
                - seed.model(UNLEARNED + method).before().retain();
    }

    /// The claims that these models can be judged by.
    public List<Claim> claims() {
        String method = "maxent";
        Function<SeedRun, OptionalDouble> depth =
                seed -> {
                    OptionalDouble unlearned = area(seed, UNLEARNED + method);
                    OptionalDouble filter = area(seed, FILTER);
                    return unlearned.isPresent() && filter.isPresent()
                            ? OptionalDouble.of(unlearned.getAsDouble() - filter.getAsDouble())
                            : OptionalDouble.empty();
                };
        List<Statement> statements = statements(thresholds);
        return List.of(
                Claim.atLeast(
                        statements.get(0), seeds.stream().map(depth).toList(), tooWeak(method)),
                Claim.atLeast(
                        statements.get(1),
                        robustness(method),
                        tooWeak(method).or(() -> notKept(method))),
                Claim.atLeast(
                        statements.get(2),
                        seeds.stream()
                                .map(seed -> OptionalDouble.of(retainGain(seed, method)))
                                .toList(),
                        Optional.empty()));
    }

    /// What will be judged, for people, before the run.
    public static List<String> criteria(Thresholds thresholds) {
        return statements(thresholds).stream()
                .map(statement -> statement.name() + ": " + statement.text())
                .toList();
    }

    private static List<Statement> statements(Thresholds thresholds) {
        return List.of(
                new Statement(
                        "unlearning-is-shallow",
                        "A(unlearn-maxent) - A(filter) is at least " + thresholds.margin(),
                        thresholds.margin()),
                new Statement(
                        "distillation-robustifies-maxent",
                        "R(distill-maxent) is at least " + thresholds.robustness(),
                        thresholds.robustness()),
                new Statement(
                        "retain-kept",
                        "retain accuracy of distill-maxent less its teacher's is at least "
                                + -thresholds.retainLoss(),
                        -thresholds.retainLoss()));
    }

    /// An attack that does not even bring back what unlearning only hides proves nothing.
    private Optional<String> tooWeak(String method) {
        for (SeedRun seed : seeds) {
            double least = thresholds.recovered() * seed.model(BASE).before().forget();
            var heights = seed.model(UNLEARNED + method).curve().heights();
            double reached = heights.isEmpty() ? 0 : heights.lastEntry().getValue();
            if (reached < least) {
                return Optional.of(
                        ("the attack is too weak: at seed %d it brings unlearn-%s to %.2f,"
                                        + " needs %.2f")
                                .formatted(seed.seed(), method, reached, least));
            }
        }
        return Optional.empty();
    }

    private Optional<String> notKept(String method) {
        return seeds.stream()
                .filter(seed -> !kept(seed, method))
                .findFirst()
                .map(
                        seed ->
                                ("distill-%s of seed %d lost more than %.2f of its teacher's retain"
                                                + " accuracy, so it gets no R")
                                        .formatted(method, seed.seed(), thresholds.retainLoss()));
    }
}
