package dev.lethe.tools.experiment;

import dev.lethe.model.stage.Machine;
import dev.lethe.model.stage.MemoryEstimate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What stages will take of the memory, and into how many micro-batches they are cut for it.
final class MemoryAnnouncement {
    private static final double SMALL = 1L << 30;

    private MemoryAnnouncement() {}

    static List<String> lines(MicroBatches parts, MemoryBudget budget, Machine machine) {
        List<String> lines = new ArrayList<>();
        boolean counted =
                MicroBatches.memory(machine.backend(), machine.precision(), 1).isCounted();
        if (!counted) {
            lines.add(
                    Graph.format(
                            "memory: not estimated on %s in %s, which lacks fused kernels",
                            machine.backend().name(), machine.precision().word()));
            return lines;
        }
        double most =
                parts.chosen().values().stream()
                        .mapToDouble(choice -> choice.estimate().total())
                        .max()
                        .orElse(0);
        lines.add(
                Graph.format(
                        "memory: at most %s a stage; %s has %s, of which stages may take %s",
                        MemoryBudget.gibibytes(most),
                        budget.place(),
                        MemoryBudget.gibibytes(budget.totalBytes()),
                        MemoryBudget.gibibytes(
                                Math.min(budget.plannedBytes(), budget.freeBytes()))));
        if (most >= SMALL || !parts.areAsAsked()) {
            int width =
                    parts.chosen().keySet().stream()
                            .max(Comparator.comparingInt(String::length))
                            .orElse("")
                            .length();
            parts.chosen().forEach((place, choice) -> lines.add(line(place, width, choice)));
        }
        if (!parts.areAsAsked()) {
            lines.add(
                    "more micro-batches than the file asks for, so that they fit: rows a step are the"
                            + " same, last bits may differ; a run that goes on keeps them");
        }
        return lines;
    }

    private static String line(String place, int width, MicroBatches.Choice choice) {
        MemoryEstimate estimate = choice.estimate();
        return Graph.format(
                "  %-" + width + "s %s = weights %.2f + masters %.2f + gradients %.2f + moments %.2f"
                        + " + other models %.2f + values %.2f + loss heads %.2f + checkpoint %.2f; %d"
                        + " rows in %d micro-batch%s%s",
                place,
                MemoryBudget.gibibytes(estimate.total()),
                gibibytes(estimate.weights()),
                gibibytes(estimate.masters()),
                gibibytes(estimate.gradients()),
                gibibytes(estimate.moments()),
                gibibytes(estimate.others()),
                gibibytes(estimate.values()),
                gibibytes(estimate.workspace()),
                gibibytes(estimate.snapshot()),
                choice.rows(),
                choice.taken(),
                choice.taken() == 1 ? "" : "es",
                choice.taken() == choice.asked() ? "" : " instead of " + choice.asked());
    }

    private static double gibibytes(long bytes) {
        return bytes / 0x1p30;
    }
}
