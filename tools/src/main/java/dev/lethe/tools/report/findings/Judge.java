package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.results.Claim;
import dev.lethe.tools.report.results.Claim.Verdict;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Turns what was measured for a claim into a verdict. Of several parts the weakest decides.
///
/// @param sense whether values must be above or below the threshold
record Judge(String name, String statement, double threshold, Sense sense) {
    /// How a value is compared.
    enum Sense {
        AT_LEAST,
        MORE_THAN,
        AT_MOST;

        /// What decimal fractions lose in binary: 1 - 0.95 must not exceed 0.05.
        static final double ROUNDING = 1e-9;

        boolean holds(double value, double threshold) {
            return switch (this) {
                case AT_LEAST -> value >= threshold - ROUNDING;
                case MORE_THAN -> value > threshold + ROUNDING;
                case AT_MOST -> value <= threshold + ROUNDING;
            };
        }

        /// The first is the weakest.
        Comparator<Measured> weakestFirst() {
            Comparator<Measured> rising = Comparator.comparingDouble(m -> m.estimate().mean());
            return this == AT_MOST ? rising.reversed() : rising;
        }
    }

    /// Not judged because something was not run.
    Claim missing(List<String> what) {
        String list = String.join(", ", what);
        return claim(
                Verdict.NOT_EVALUATED, null, "not evaluated: " + list + " not run", List.of(), 0);
    }

    /// Not judged for another reason.
    Claim undecided(String why, List<Measured> parts) {
        return claim(Verdict.NO_VERDICT, null, why, parts, 0);
    }

    /// Judged by its parts, if each seed has them and nothing stands against it.
    Claim by(List<Measured> parts, Optional<String> obstacle) {
        return by(parts, obstacle, threshold);
    }

    /// The same with tests against another value than the threshold.
    Claim by(List<Measured> parts, Optional<String> obstacle, double from) {
        if (obstacle.isPresent()) {
            return claim(Verdict.NO_VERDICT, null, obstacle.get(), parts, from);
        }
        List<String> without =
                parts.stream().filter(part -> !part.isComplete()).map(Measured::name).toList();
        if (!without.isEmpty()) {
            return claim(
                    Verdict.NO_VERDICT,
                    null,
                    "a seed gives no figure for "
                            + String.join(", ", without)
                            + ": attacks diverged or stopped before the horizon, too much retain"
                            + " ability was lost, or nothing was to be gained",
                    parts,
                    from);
        }
        Measured weakest = parts.stream().min(sense.weakestFirst()).orElseThrow();
        boolean holds = sense.holds(weakest.estimate().mean(), threshold);
        String note = parts.size() == 1 ? null : "the value is that of " + weakest.name();
        return claim(holds ? Verdict.HOLDS : Verdict.FAILS, weakest, note, parts, from);
    }

    private Claim claim(
            Verdict verdict, Measured value, String note, List<Measured> parts, double from) {
        return new Claim(
                name,
                statement,
                value == null ? null : value.estimate().mean(),
                value == null ? null : value.estimate().interval(),
                threshold,
                verdict == Verdict.HOLDS,
                verdict,
                note,
                parts.stream().map(part -> part.part(from)).toList());
    }
}
