package dev.lethe.model.golden;

import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.Rmu;
import java.util.Locale;

/// The losses of `expected.json` as objectives.
enum GoldenLoss {
    CE,
    KL,
    KL_SHIFT,
    MAXENT,
    MAXENT_SHIFT,
    GRADDIFF,
    RMU,
    RMU_HS1,
    RMU_HS2;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isRmu() {
        return compareTo(RMU) >= 0;
    }

    Objective objective(GoldenCase golden) {
        return switch (this) {
            case CE -> new NextToken();
            case KL -> new Distill(golden.teacher(), Positions.ALL);
            case KL_SHIFT -> new Distill(golden.teacher(), Positions.TARGETS);
            case MAXENT -> new MaxEnt(1, Positions.ALL);
            case MAXENT_SHIFT -> new MaxEnt(1, Positions.TARGETS);
            case GRADDIFF -> new GradDiff(constant(golden, "graddiff_alpha"));
            case RMU -> rmu(golden, golden.expected("constants", "rmu_layer_index").intValue());
            case RMU_HS1 -> rmu(golden, 0);
            // The reference code's hidden_states[2]: with two layers that is behind the final norm.
            case RMU_HS2 ->
                    golden.model().config().layers() == 2
                            ? new FinalStateRmu(
                                    golden.file("inputs").toDoubles("rmu.u"),
                                    constant(golden, "rmu_c"),
                                    constant(golden, "rmu_alpha"),
                                    golden.frozen())
                            : rmu(golden, 1);
        };
    }

    private static Rmu rmu(GoldenCase golden, int layer) {
        double[] u = golden.file("inputs").toDoubles("rmu.u");
        Rmu.Target target = new Rmu.Target(layer, constant(golden, "rmu_c"), u);
        return new Rmu(target, constant(golden, "rmu_alpha"), golden.frozen());
    }

    private static double constant(GoldenCase golden, String name) {
        return golden.expected("constants", name).doubleValue();
    }
}
