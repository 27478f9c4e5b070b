package dev.lethe.tools.report.page;

import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.Thresholds;

import java.util.LinkedHashMap;
import java.util.Map;

/// What was set, and what made the run.
final class SettingsSection {
    private SettingsSection() {}

    static void write(Html html, Run run) {
        html.open("section", "id", "settings");
        html.element("h2", "Settings and versions");
        html.element("h3", "Thresholds");
        table(html, thresholds(run.summary().thresholds()));
        if (!run.summary().versions().isEmpty()) {
            html.element("h3", "Versions");
            table(html, run.summary().versions());
        }
        html.element("h3", "Configuration");
        if (run.configuration().isBlank()) {
            html.element("p", "This run has no config.yaml.");
        } else {
            html.open("details").element("summary", "config.yaml, with all defaults");
            html.open("pre").element("code", run.configuration()).close().close();
        }
        html.close();
    }

    private static Map<String, String> thresholds(Thresholds thresholds) {
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("methods judged", String.join(", ", thresholds.methods()));
        rows.put("horizon", thresholds.horizon() + " attack steps");
        rows.put("margin", Words.plain(thresholds.margin()));
        rows.put("least robustness R", Words.plain(thresholds.robustness()));
        rows.put("least Spearman correlation", Words.plain(thresholds.correlation()));
        rows.put("most retain ability lost", Words.plain(thresholds.retainLoss()));
        rows.put(
                "forget score that a strong attack reaches",
                Words.plain(thresholds.revival()) + " times base's");
        return rows;
    }

    private static void table(Html html, Map<String, String> rows) {
        html.open("div", "class", "wide").open("table").open("tbody");
        rows.forEach(
                (name, value) ->
                        html.open("tr")
                                .element("th", name, "scope", "row")
                                .element("td", value)
                                .close());
        html.close().close().close();
    }
}
