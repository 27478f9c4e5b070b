package dev.lethe.tools.report.page;

import dev.lethe.tools.report.figure.Figure;
import java.util.List;

/// A page of sections, each with words, figures and tables, in the look of a run's report. Nothing
/// in it is fetched from anywhere.
///
/// @param lead what is asked, in a sentence or two
/// @param facts what made it, in a line
/// @param configuration as text
public record Document(
        String title, String lead, String facts, List<Section> sections, String configuration) {

    /// @param id by which it is linked
    public record Section(
            String id,
            String title,
            List<String> paragraphs,
            List<Figure> figures,
            List<Table> tables) {
        public Section {
            paragraphs = List.copyOf(paragraphs);
            figures = List.copyOf(figures);
            tables = List.copyOf(tables);
        }
    }

    /// @param caption what it holds, units included
    /// @param rows the first cell of each is its name
    public record Table(String caption, List<String> head, List<List<String>> rows) {}

    /// The page.
    public String html() {
        Html html = new Html();
        Page.begin(html, title);
        html.open("header").element("h1", title).element("p", lead, "class", "lead");
        html.element("p", facts, "class", "facts");
        html.open("nav", "aria-label", "sections");
        sections.forEach(s -> html.element("a", s.title(), "href", "#" + s.id()));
        html.element("a", "Settings", "href", "#settings");
        html.close().close();
        sections.forEach(section -> write(html, section));
        html.open("section", "id", "settings").element("h2", "Settings");
        html.open("details").element("summary", "config.yaml, with all defaults");
        html.open("pre").element("code", configuration).close().close().close();
        html.close().close().close();
        return html.toString();
    }

    private static void write(Html html, Section section) {
        html.open("section", "id", section.id()).element("h2", section.title());
        section.paragraphs().forEach(text -> html.element("p", text));
        section.figures().forEach(figure -> StoriesSection.figure(html, figure));
        section.tables().forEach(table -> write(html, table));
        html.close();
    }

    private static void write(Html html, Table table) {
        html.element("p", table.caption(), "class", "note");
        html.open("div", "class", "wide").open("table").open("thead").open("tr");
        table.head().forEach(head -> html.element("th", head, "scope", "col"));
        html.close().close().open("tbody");
        for (List<String> row : table.rows()) {
            html.open("tr").element("th", row.getFirst(), "scope", "row");
            row.subList(1, row.size())
                    .forEach(cell -> html.element("td", cell, "class", "number"));
            html.close();
        }
        html.close().close().close();
    }
}
