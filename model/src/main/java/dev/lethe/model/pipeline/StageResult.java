package dev.lethe.model.pipeline;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What a finished stage left beside its model, `result.json`.
///
/// @param steps updates made
/// @param tokens real tokens trained on
/// @param flops forward and backward of the trained model
/// @param teacherFlops forward passes of models held fixed
/// @param stopped `steps`, `rule` or `cap` (a rule was set and never held)
/// @param metrics by name: abilities, the final `kl` of a distillation
/// @param points an attack's looks, in the order of steps
/// @param diverged the attack step that could not be made
public record StageResult(
        long steps,
        long tokens,
        double flops,
        double teacherFlops,
        String stopped,
        Map<String, Double> metrics,
        List<Point> points,
        OptionalLong diverged) {
    /// Of a stage that trains nothing.
    static StageResult untrained(Map<String, Double> metrics) {
        return new StageResult(0, 0, 0, 0, "steps", metrics, List.of(), OptionalLong.empty());
    }

    /// @param tokens and `flops` of the attack up to here
    /// @param metrics by the names of `results.csv`
    /// @param answers by prompt
    public record Point(
            long step,
            long tokens,
            double flops,
            Map<String, Double> metrics,
            Map<String, String> answers) {}
}
