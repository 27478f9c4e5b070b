package dev.lethe.bench.gpu;

import dev.lethe.bench.gpu.Finding.Verdict;
import java.util.ArrayList;
import java.util.List;

/// What a part has found so far, each said at once.
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    List<Finding> all() {
        return List.copyOf(all);
    }

    boolean failed() {
        return all.stream().anyMatch(one -> one.verdict() == Verdict.FAILS);
    }

    /// A figure that has no target.
    void measured(String what, double value, String unit) {
        add(new Finding(what, value, unit, "", Verdict.MEASURED));
    }

    /// Correct if not above `most`; NaN is not.
    void atMost(String what, double value, double most) {
        add(new Finding(what, value, "", "at most %.3g".formatted(most), right(value <= most)));
    }

    /// Correct if `holds`.
    void require(String what, double value, String unit, String wanted, boolean holds) {
        add(new Finding(what, value, unit, wanted, right(holds)));
    }

    /// A target, which a correct program may miss.
    void target(String what, double value, String unit, double least) {
        Verdict verdict = value >= least ? Verdict.MET : Verdict.MISSED;
        add(new Finding(what, value, unit, "at least %.3g".formatted(least), verdict));
    }

    private static Verdict right(boolean holds) {
        return holds ? Verdict.HOLDS : Verdict.FAILS;
    }

    private void add(Finding finding) {
        all.add(finding);
        System.out.printf(
                "%-8s %s: %.6g %s %s%n",
                finding.verdict(),
                finding.what(),
                finding.value(),
                finding.unit(),
                finding.wanted());
    }
}
