package dev.lethe.tools.report.page;

import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Claim;
import dev.lethe.tools.report.results.Claim.Verdict;

import java.util.List;

/// All claims in a table, verdicts in words.
final class ClaimsSection {
    private ClaimsSection() {}

    static void write(Html html, List<Claim> claims) {
        long held = claims.stream().filter(Claim::holds).count();
        html.open("section", "id", "claims");
        html.element("h2", "Claims");
        html.element(
                "p",
                "%d of %d hold. Thresholds stood in the preset before the first run; intervals are"
                                .formatted(held, claims.size())
                        + " 95% by Student's t over seeds. A is the mean height of the worst-case"
                        + " relearning curve up to the horizon; R is 0 for a model that relearns"
                        + " like its unlearned teacher, and 1 for one that relearns like filter,"
                        + " which never saw the data.");
        html.open("div", "class", "wide").open("table", "class", "claims");
        html.open("thead").open("tr");
        for (String head : List.of("verdict", "claim", "value", "95% interval", "threshold")) {
            html.element("th", head, "scope", "col");
        }
        html.close().close().open("tbody");
        claims.forEach(claim -> row(html, claim));
        html.close().close().close().close();
    }

    private static void row(Html html, Claim claim) {
        html.open("tr").open("td").markup(badge(claim.verdict())).close().open("td");
        html.element("a", claim.name(), "href", "#" + claim.name());
        html.element("div", claim.statement(), "class", "statement");
        if (claim.note() != null) {
            html.element("div", claim.note(), "class", "note");
        }
        html.close();
        html.element("td", number(claim.value()), "class", "number", "data-label", "value ");
        html.element(
                "td", interval(claim.interval()), "class", "number", "data-label", "interval ");
        html.element(
                "td",
                Words.plain(claim.threshold()),
                "class",
                "number",
                "data-label",
                "threshold ");
        html.close();
    }

    /// Words and a sign beside the colour.
    static String badge(Verdict verdict) {
        String sign =
                switch (verdict) {
                    case HOLDS -> "✓ ";
                    case FAILS -> "✗ ";
                    case NO_VERDICT, NOT_EVALUATED -> "– ";
                };
        String style = verdict.words().replace(' ', '-');
        return new Html()
                .element("span", sign + verdict.words(), "class", "badge " + style)
                .toString();
    }

    static String number(Double value) {
        return value == null ? "–" : Words.figure(value).replace('-', '−');
    }

    static String interval(List<Double> ends) {
        return ends == null ? "–" : number(ends.get(0)) + " to " + number(ends.get(1));
    }
}
