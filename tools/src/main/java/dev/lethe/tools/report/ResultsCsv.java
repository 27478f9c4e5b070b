package dev.lethe.tools.report;

import dev.lethe.model.stage.AttackRun.Point;
import dev.lethe.model.stage.AttackRun;
import java.math.BigDecimal;
import java.util.List;
import java.util.StringJoiner;

/// `results.csv`: one value a row; what does not apply is empty.
public final class ResultsCsv {
    static final String HEADER =
            "experiment,seed,model,method,alpha,beta,"
                    + "attack,attack_lr,step,metric,value,tokens,flops";

    private final String experiment;
    private final StringBuilder text = new StringBuilder(HEADER).append('\n');

    private ResultsCsv(String experiment) {
        this.experiment = experiment;
    }

    /// The whole file.
    public static String of(String experiment, List<SeedRun> seeds) {
        ResultsCsv csv = new ResultsCsv(experiment);
        for (SeedRun seed : seeds) {
            for (ModelRun model : seed.models()) {
                csv.add(seed.seed(), model);
            }
        }
        return csv.text.toString();
    }

    private void add(long seed, ModelRun model) {
        Place before = new Place(seed, model, "none", "");
        row(before, 0, "forget_accuracy", model.before().forget(), "", "");
        row(before, 0, "retain_accuracy", model.before().retain(), "", "");
        for (AttackRun attack : model.attacks()) {
            Place during = new Place(seed, model, "relearn", number(attack.learningRate()));
            for (Point point : attack.points()) {
                row(
                        during,
                        point.step(),
                        "forget_accuracy",
                        point.ability(),
                        Long.toString(point.compute().tokens()),
                        number(point.compute().flops()));
            }
            attack.diverged().ifPresent(step -> row(during, step, "diverged", 1, "", ""));
        }
    }

    private record Place(long seed, ModelRun model, String attack, String learningRate) {}

    private void row(
            Place place, long step, String metric, double value, String tokens, String flops) {
        StringJoiner row = new StringJoiner(",", "", "\n");
        row.add(experiment).add(Long.toString(place.seed)).add(place.model.name());
        row.add(place.model.method()).add("").add(""); // alpha and beta are UNDO's
        row.add(place.attack).add(place.learningRate).add(Long.toString(step));
        row.add(metric).add(number(value)).add(tokens).add(flops);
        text.append(row);
    }

    /// Shortest decimal that reads back the same, without an exponent.
    static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
