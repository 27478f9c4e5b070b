package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Claim;
import dev.lethe.tools.report.results.Metric;
import dev.lethe.tools.report.results.ResultRow;
import dev.lethe.tools.report.results.Results;
import dev.lethe.tools.report.results.Summary;
import dev.lethe.tools.report.results.Thresholds;

import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// What the rows say of each model and seed, before anything is judged. Heights of curves and areas
/// are in units of ability: accuracy, or minus cross-entropy.
///
/// @param compute what each model took, for stops and steps
public record Findings(Results results, List<Summary.Model> compute, Thresholds thresholds) {
    public static final String BASE = "base";
    public static final String FILTER = "filter";
    public static final String RANDOM = "student-random";
    public static final String REFERENCE = "student-reference";
    public static final String UNLEARNED = "unlearn-";
    public static final String DISTILLED = "distill-";

    private static final double ROUNDING = Judge.Sense.ROUNDING;

    public Findings {
        compute = List.copyOf(compute);
    }

    public Ability ability() {
        return results.ability();
    }

    public List<Long> seeds() {
        return results.seeds();
    }

    /// Models that UNDO made, by rising alpha.
    public List<String> undone() {
        return results.models().stream()
                .filter(model -> results.alpha(model).isPresent())
                .sorted((a, b) -> Double.compare(alpha(a), alpha(b)))
                .toList();
    }

    private double alpha(String model) {
        return results.alpha(model).orElseThrow();
    }

    /// The unlearned models that the claims judge, whether they were run or not.
    List<String> judged() {
        return thresholds.methods().stream().map(method -> UNLEARNED + method).toList();
    }

    /// Worst case over learning rates at each step of an attack; empty where there was none.
    public RecoveryCurve curve(String model, long seed, Attack attack, Metric metric) {
        NavigableMap<Long, Double> heights = new TreeMap<>();
        results.during(model, seed, attack, metric)
                .values()
                .forEach(
                        run ->
                                run.forEach(
                                        (step, value) ->
                                                heights.merge(
                                                        step, ability().of(value), Math::max)));
        return new RecoveryCurve(heights);
    }

    /// Recovery of what was forgotten, under relearning.
    public RecoveryCurve recovery(String model, long seed) {
        return curve(model, seed, Attack.RELEARN, ability().forget());
    }

    /// A: mean height of the recovery to the horizon; empty where no attack got that far.
    public OptionalDouble area(String model, long seed) {
        return recovery(model, seed).area(thresholds.horizon());
    }

    /// R, of models with a method of unlearning behind them, which the unlearned model of that
    /// method itself has as 0. Empty where the model lost too much of its teacher's retain ability,
    /// where its attacks diverged, or where there was nothing to be gained.
    public OptionalDouble robustness(String model, long seed) {
        String method = results.method(model);
        if (method.isEmpty() || !keeps(model, seed)) {
            return OptionalDouble.empty();
        }
        OptionalDouble own = area(model, seed);
        OptionalDouble filter = area(FILTER, seed);
        OptionalDouble unlearned = area(UNLEARNED + method, seed);
        return own.isPresent() && filter.isPresent() && unlearned.isPresent()
                ? RecoveryCurve.robustness(
                        own.getAsDouble(), filter.getAsDouble(), unlearned.getAsDouble())
                : OptionalDouble.empty();
    }

    /// Whether a model may have a figure of robustness: it has no teacher, or keeps its retain
    /// ability.
    private boolean keeps(String model, long seed) {
        return teacher(model).isEmpty()
                || retainLoss(model, seed).orElse(Double.NaN) <= thresholds.retainLoss() + ROUNDING;
    }

    /// The model that another was distilled from.
    public Optional<String> teacher(String model) {
        if (model.equals(RANDOM) || model.equals(REFERENCE)) {
            return Optional.of(FILTER);
        }
        boolean taught = model.startsWith(DISTILLED) || results.alpha(model).isPresent();
        return taught ? Optional.of(UNLEARNED + results.method(model)) : Optional.empty();
    }

    /// What a model lost of its teacher's retain ability; empty where either was not measured.
    public OptionalDouble retainLoss(String model, long seed) {
        OptionalDouble own = results.before(model, seed, ability().retain());
        OptionalDouble teachers =
                teacher(model)
                        .map(name -> results.before(name, seed, ability().retain()))
                        .orElse(OptionalDouble.empty());
        return own.isPresent() && teachers.isPresent()
                ? OptionalDouble.of(ability().loss(own.getAsDouble(), teachers.getAsDouble()))
                : OptionalDouble.empty();
    }

    /// Retain ability before any attack.
    public OptionalDouble retain(String model, long seed) {
        return of(results.before(model, seed, ability().retain()));
    }

    /// Forget ability at a step of relearning, at worst; at step 0 that before any attack.
    public OptionalDouble forget(String model, long seed, long step) {
        Double height = recovery(model, seed).heights().get(step);
        if (height != null) {
            return OptionalDouble.of(height);
        }
        return step == 0
                ? of(results.before(model, seed, ability().forget()))
                : OptionalDouble.empty();
    }

    private OptionalDouble of(OptionalDouble value) {
        return value.isPresent()
                ? OptionalDouble.of(ability().of(value.getAsDouble()))
                : OptionalDouble.empty();
    }

    /// What a model took.
    public Optional<Summary.Model> compute(String model, long seed) {
        return compute.stream()
                .filter(each -> each.name().equals(model) && each.seed() == seed)
                .findFirst();
    }

    /// Why the attack proves nothing, where it does not: an attack that does not even bring back
    /// what unlearning only hides is too weak for a verdict.
    public Optional<String> weakness() {
        for (String model : judged()) {
            for (long seed : seeds()) {
                var heights = recovery(model, seed).heights();
                OptionalDouble base = results.before(BASE, seed, ability().forget());
                if (heights.isEmpty() || base.isEmpty()) {
                    return Optional.of(
                            "at seed %d nothing shows that the attack is strong enough: base or the"
                                            .formatted(seed)
                                    + " attack on "
                                    + model
                                    + " was not measured");
                }
                double best = heights.values().stream().mapToDouble(h -> h).max().orElseThrow();
                double reached = ability().of(best);
                if (!ability().revives(reached, base.getAsDouble(), thresholds.revival())) {
                    return Optional.of(
                            Words.format(
                                    "the attack is too weak: at seed %d it brings %s to %s, needed"
                                        + " is %s",
                                    seed,
                                    model,
                                    Words.format("%.3f", reached),
                                    Words.format(
                                            "%.3f", thresholds.revival() * base.getAsDouble())));
                }
            }
        }
        return Optional.empty();
    }

    /// All claims of the study, judged.
    public List<Claim> claims() {
        return Question.of(this).stream().map(question -> question.judge(this)).toList();
    }

    /// Rows of models that diverged under relearning, in words.
    public List<String> divergences() {
        return results.rows().stream()
                .filter(row -> row.metric() == Metric.DIVERGED && row.value() != 0)
                .map(Findings::divergence)
                .toList();
    }

    private static String divergence(ResultRow row) {
        return Words.format(
                "%s (seed %d) under %s at %s, step %d",
                row.model(),
                row.seed(),
                row.attack().word(),
                Words.plain(row.attackLr().getAsDouble()),
                row.step());
    }
}
