package dev.lethe.tools.report.results;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import java.util.List;
import java.util.Locale;

/// A statement of the paper, judged.
///
/// @param name fixed by the contract
/// @param statement in words, with the threshold in it
/// @param value of the part that is nearest to failing, mean over seeds; null where not evaluated
/// @param interval its 95% interval, lower and upper end; null for one seed
/// @param threshold fixed before the run
/// @param holds whether it was judged and holds
/// @param verdict in one word or two
/// @param note why there is no verdict, or what the value is of
/// @param parts what it is made of, each with its figures
public record Claim(
        String name,
        String statement,
        Double value,
        List<Double> interval,
        double threshold,
        boolean holds,
        Verdict verdict,
        String note,
        List<Part> parts) {
    public Claim {
        interval = interval == null ? null : List.copyOf(interval);
        parts = List.copyOf(parts);
        if (holds != (verdict == Verdict.HOLDS)) {
            throw new IllegalArgumentException(
                    "claim %s: expected holds to agree with verdict, got %s and %s; judge it again"
                            .formatted(name, holds, verdict));
        }
    }

    /// How it came out.
    public enum Verdict {
        @JsonProperty("holds")
        HOLDS,
        @JsonProperty("fails")
        FAILS,
        /// It was measured, but the measurement decides nothing.
        @JsonProperty("no verdict")
        NO_VERDICT,
        /// Something it needs was not run.
        @JsonProperty("not evaluated")
        NOT_EVALUATED;

        public String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /// @param name of the model or relation
    /// @param value mean over seeds; null where a seed gives none
    /// @param interval 95%; null for one seed
    /// @param p of a paired t-test over seeds, two-sided; null where it has no meaning
    /// @param rankP of Wilcoxon's signed ranks; null for fewer than six seeds
    /// @param seeds the values of the seeds; null for one that gives none
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Part(
            String name,
            Double value,
            List<Double> interval,
            Double p,
            Double rankP,
            List<Double> seeds) {}
}
