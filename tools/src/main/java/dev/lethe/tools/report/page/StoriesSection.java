package dev.lethe.tools.report.page;

import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Claim;

import java.util.List;
import java.util.stream.Stream;

/// One paragraph, one figure or more, and the figures' numbers for each claim.
final class StoriesSection {
    private StoriesSection() {}

    static void write(Html html, List<Claim> claims, Findings findings, List<Figure> figures) {
        html.open("section", "id", "figures");
        html.element("h2", "What was found");
        for (Claim claim : claims) {
            html.open("article", "id", claim.name());
            html.open("h3").text(claim.name() + " ");
            html.markup(ClaimsSection.badge(claim.verdict())).close();
            html.element("p", Story.of(claim, findings));
            figures.stream()
                    .filter(figure -> figure.claim().equals(claim.name()))
                    .forEach(figure -> figure(html, figure));
            parts(html, claim);
            html.close();
        }
        figures.stream()
                .filter(figure -> claims.stream().noneMatch(c -> c.name().equals(figure.claim())))
                .forEach(figure -> unclaimed(html, figure));
        List<String> divergences = findings.divergences();
        if (!divergences.isEmpty()) {
            html.open("article").element("h3", "Attacks that diverged");
            html.element(
                    "p",
                    "They count up to the step before, and never as robustness: "
                            + String.join("; ", divergences)
                            + ".");
            html.close();
        }
        html.close();
    }

    private static void unclaimed(Html html, Figure figure) {
        html.open("article", "id", figure.claim()).element("h3", figure.claim());
        html.element("p", "Shown only; not a claim for this task.");
        figure(html, figure);
        html.close();
    }

    static void figure(Html html, Figure figure) {
        boolean wide = figure.size().width > 800;
        html.open("figure").open("div", "class", wide ? "card spread" : "card");
        html.markup(figure.svg()).close();
        html.element("figcaption", figure.caption()).close();
    }

    private static void parts(Html html, Claim claim) {
        if (claim.parts().isEmpty()) {
            return;
        }
        boolean tested = claim.parts().stream().anyMatch(part -> part.p() != null);
        boolean ranked = claim.parts().stream().anyMatch(part -> part.rankP() != null);
        html.open("div", "class", "wide").open("table");
        html.open("thead").open("tr").element("th", "part", "scope", "col");
        Stream.of("value", "95% interval", "seeds")
                .forEach(head -> html.element("th", head, "scope", "col"));
        if (tested) {
            html.element("th", "paired t-test against 0", "scope", "col");
        }
        if (ranked) {
            html.element("th", "signed ranks", "scope", "col");
        }
        html.close().close().open("tbody");
        for (Claim.Part part : claim.parts()) {
            html.open("tr").element("th", part.name(), "scope", "row");
            html.element("td", ClaimsSection.number(part.value()), "class", "number");
            html.element("td", ClaimsSection.interval(part.interval()), "class", "number");
            html.element(
                    "td",
                    String.join(", ", part.seeds().stream().map(ClaimsSection::number).toList()),
                    "class",
                    "number");
            if (tested) {
                html.element("td", probability(part.p()), "class", "number");
            }
            if (ranked) {
                html.element("td", probability(part.rankP()), "class", "number");
            }
            html.close();
        }
        html.close().close().close();
    }

    private static String probability(Double p) {
        return p == null ? "–" : Words.probability(p);
    }
}
