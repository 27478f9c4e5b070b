package dev.lethe.tools.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A statement of the paper, judged.
///
/// @param value mean over seeds; null where the run allows no verdict
/// @param interval 95%, lower and upper end; null for one seed
/// @param threshold fixed before the run
/// @param holds null where the run allows no verdict
/// @param note why there is no verdict; absent where there is one
public record Claim(
        String name,
        String statement,
        Double value,
        List<Double> interval,
        double threshold,
        Boolean holds,
        @JsonInclude(JsonInclude.Include.NON_NULL) String note) {
    /// A statement that a quantity of each seed is at least so large, on average.
    ///
    /// @param values one a seed, empty where the seed allows none
    static Claim atLeast(
            Statement statement, List<OptionalDouble> values, Optional<String> obstacle) {
        String note = obstacle.orElse(null);
        if (note == null && !values.stream().allMatch(OptionalDouble::isPresent)) {
            note = "a seed gives no figure: its attacks diverged or nothing was to be gained";
        }
        if (note != null) {
            return new Claim(
                    statement.name(),
                    statement.text(),
                    null,
                    null,
                    statement.threshold(),
                    null,
                    note);
        }
        Estimate estimate = Estimate.of(values.stream().map(OptionalDouble::getAsDouble).toList());
        return new Claim(
                statement.name(),
                statement.text(),
                estimate.mean(),
                estimate.hasInterval() ? List.of(estimate.low(), estimate.high()) : null,
                statement.threshold(),
                estimate.mean() >= statement.threshold(),
                null);
    }

    /// @param text for people, with the threshold in it
    record Statement(String name, String text, double threshold) {}
}
