package dev.lethe.tools.report;

import dev.lethe.model.evaluate.ArithmeticAnswers.Accuracies;
import dev.lethe.model.stage.AttackRun.Point;
import dev.lethe.model.stage.AttackRun;
import dev.lethe.model.stage.Compute;
import dev.lethe.model.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Runs made up for the tests of reports.
final class Examples {
    static final Thresholds THRESHOLDS = new Thresholds(50, 0.2, 0.3, 0.05, 0.9);

    /// Steps at which the made-up attacks look.
    static final List<Long> STEPS = List.of(0L, 10L, 50L, 100L);

    private Examples() {}

    static AttackRun attack(double learningRate, double... heights) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < heights.length; i++) {
            long step = STEPS.get(i);
            points.add(new Point(step, heights[i], new Compute(step, 300 * step, 1.5e9 * step, 0)));
        }
        OptionalLong diverged =
                heights.length < STEPS.size()
                        ? OptionalLong.of(STEPS.get(heights.length) - 1)
                        : OptionalLong.empty();
        return new AttackRun(learningRate, points, diverged);
    }

    static ModelRun model(String name, double retain, double forget, AttackRun... attacks) {
        String method = name.contains("-") ? name.substring(name.indexOf('-') + 1) : "";
        return new ModelRun(
                name,
                method,
                new Compute(1100, 2_300_000, 4.9e12, name.startsWith("distill") ? 1.6e12 : 0),
                Trainer.Ended.STEPS,
                new Accuracies(retain, retain, forget, forget),
                List.of(attacks));
    }

    /// A seed as the paper would have it: A is 0.1 for filter, 0.9 for unlearned, 0.3 for
    /// distilled.
    static SeedRun seed(long seed) {
        return new SeedRun(
                seed,
                List.of(
                        model("base", 1, 1),
                        model("filter", 1, 0, flat(0.1)),
                        model("unlearn-maxent", 1, 0, flat(0.9)),
                        model("distill-maxent", 0.98, 0, flat(0.3))));
    }

    static AttackRun flat(double height) {
        return attack(1e-3, height, height, height, height);
    }
}
