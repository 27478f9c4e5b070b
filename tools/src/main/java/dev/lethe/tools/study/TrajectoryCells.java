package dev.lethe.tools.study;

import dev.lethe.model.study.Movement;
import dev.lethe.model.study.Undoing;
import dev.lethe.tools.study.TrajectoryReport.Seen;
import java.util.Collection;
import java.util.List;

/// Trajectories as rows and tensors.
///
/// @param answer takes them
record TrajectoryCells(Answer.Builder answer) {
    void add(String model, String training, List<Seen> all) {
        for (Seen seen : all) {
            long step = seen.step();
            String prefix = training + "_";
            answer.cell(model, prefix + "forget_ce", "", step, seen.pull().forgetCe());
            answer.cell(model, prefix + "forget_gradient_norm", "", step, seen.pull().forgetNorm());
            answer.cell(model, prefix + "retain_gradient_norm", "", step, seen.pull().retainNorm());
            answer.cell(model, prefix + "cosine", "", step, seen.pull().cosine());
            shift(model, prefix, "", step, seen.movement().whole());
            seen.movement()
                    .byGroup()
                    .forEach((group, shift) -> shift(model, prefix, group, step, shift));
            for (Movement.OfParameter one : seen.movement().parameters()) {
                one.rank()
                        .ifPresent(
                                rank ->
                                        answer.cell(
                                                model,
                                                prefix + "effective_rank",
                                                one.place().name(),
                                                step,
                                                rank.effective()));
            }
            seen.trained()
                    .forEach(
                            (group, norm) ->
                                    answer.cell(
                                            model,
                                            prefix + "objective_gradient_norm",
                                            group,
                                            step,
                                            norm));
            seen.undoing()
                    .ifPresent(
                            undoing -> {
                                undone(model, "", step, undoing.whole());
                                undoing.byGroup()
                                        .forEach((g, part) -> undone(model, g, step, part));
                            });
        }
        String name = model + "." + training;
        answer.tensor(name + ".steps", all.stream().mapToDouble(Seen::step).toArray());
        answer.tensor(
                name + ".objective_gradient_norms", // [looks, layers], in their order
                all.stream()
                        .map(seen -> doubles(seen.trained().values()))
                        .toArray(double[][]::new));
        for (Movement.OfParameter one : all.getLast().movement().parameters()) {
            one.rank()
                    .ifPresent(
                            rank ->
                                    answer.tensor(
                                            "%s.%s.singular_values.%s"
                                                    .formatted(
                                                            model, training, one.place().name()),
                                            rank.singularValues()));
        }
    }

    private static double[] doubles(Collection<Double> values) {
        return values.stream().mapToDouble(x -> x).toArray();
    }

    private void shift(
            String model,
            String prefix,
            String group,
            long step,
            Movement.Shift shift) {
        answer.cell(model, prefix + "distance", group, step, shift.distance());
        answer.cell(model, prefix + "relative_distance", group, step, shift.relative());
        answer.cell(model, prefix + "angle", group, step, shift.angle());
    }

    private void undone(String model, String group, long step, Undoing.Part part) {
        answer.cell(model, "undone_share", group, step, part.fraction());
        answer.cell(model, "undone_cosine", group, step, part.cosine());
        answer.cell(model, "remaining_distance", group, step, part.remaining());
    }
}
