package dev.lethe.tools.report.page;

import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.Summary;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/// The whole page. Nothing in it is fetched from anywhere.
public final class Page {
    private Page() {}

    /// @param run with its claims judged
    /// @param figures in the order of the claims; empty where this machine cannot draw
    public static String of(Run run, Findings findings, List<Figure> figures) {
        Html html = new Html();
        begin(html, "Lethe: " + run.results().experiment());
        head(html, run.summary(), findings);
        ClaimsSection.write(html, run.summary().claims());
        StoriesSection.write(html, run.summary().claims(), findings, figures);
        ModelsSection.write(html, run, findings);
        AnswersSection.write(html, run.answers(), findings);
        SettingsSection.write(html, run);
        html.close().close().close();
        return html.toString();
    }

    /// Up to the open main part.
    static void begin(Html html, String title) {
        html.markup("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.element("title", title);
        html.open("style").markup("\n" + resource("page.css")).close();
        html.close().open("body").open("main");
    }

    private static void head(Html html, Summary summary, Findings findings) {
        html.open("header");
        html.element("h1", "Unlearning, and what an attack brings back");
        html.element(
                "p",
                findings.ability() == Ability.ACCURACY
                        ? "Small models learn arithmetic, are made to forget multiplication and"
                              + " division, and are then attacked by training on just that. How"
                              + " fast does it return?"
                        : "Small models learn two languages, are made to forget one, and are then"
                              + " attacked by training on just that one. How fast does it return?",
                "class",
                "lead");
        html.element(
                "p",
                Words.format(
                        "%s · %s · %s, %s, %d thread%s · %s%s",
                        summary.experiment(),
                        seeds(summary.seeds()),
                        summary.device(),
                        summary.dtype(),
                        summary.threads(),
                        summary.threads() == 1 ? "" : "s",
                        duration(summary.seconds()),
                        summary.peakResidentBytes() == null
                                ? ""
                                : Words.format(
                                        " · at most %.2f GiB resident",
                                        summary.peakResidentBytes() / 0x1p30)),
                "class",
                "facts");
        html.open("nav", "aria-label", "sections");
        html.element("a", "Claims", "href", "#claims");
        html.element("a", "Figures", "href", "#figures");
        html.element("a", "Models", "href", "#models");
        html.element("a", "Answers", "href", "#answers");
        html.element("a", "Settings", "href", "#settings");
        html.close().close();
    }

    private static String seeds(List<Long> seeds) {
        return (seeds.size() == 1 ? "seed " : "seeds ")
                + seeds.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String duration(double seconds) {
        return seconds < 120
                ? Words.format("%.0f s", seconds)
                : Words.format("%.0f min", seconds / 60);
    }

    /// A text beside this class.
    static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "page: expected %s beside the classes, got none; build again"
                                .formatted(name));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
