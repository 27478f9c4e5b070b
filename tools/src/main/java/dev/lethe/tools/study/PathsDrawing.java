package dev.lethe.tools.study;

import dev.lethe.model.study.Line;
import dev.lethe.model.study.Plane;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.HeatMap;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.report.figure.Shades;
import dev.lethe.tools.report.page.Document;
import dev.lethe.tools.study.PathsReport.Ends;
import dev.lethe.tools.study.PathsReport.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Lines and planes as figures, tables and rows.
record PathsDrawing(List<Part> parts) {
    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        for (Part part : parts) {
            part.lines().forEach((ends, line) -> finding(answer, ends, line));
        }
        for (Part part : parts) {
            answer.section(lines(part));
            part.plane().ifPresent(of -> answer.section(surface(part, of)));
        }
        for (Part part : parts) {
            part.lines().forEach((ends, line) -> cells(answer, ends, line));
            part.plane().ifPresent(of -> tensors(answer, part, of));
        }
        return answer.build();
    }

    private static void finding(Answer.Builder answer, Ends ends, Line line) {
        answer.finding(
                "%s: distance %s, barrier in forget CE %s nats, in retain CE %s nats%s",
                ends,
                Text.number(line.distance()),
                Text.number(line.barrier(PathsReport.FORGET_CE)),
                Text.number(line.barrier(PathsReport.RETAIN_CE)),
                isControl(ends) ? " (control: nothing is claimed from it)" : "");
    }

    private static void tensors(Answer.Builder answer, Part part, Plane of) {
        String prefix = part.name().isEmpty() ? "" : part.name() + ".";
        of.measures()
                .forEach(
                        (name, values) ->
                                answer.tensor(
                                        prefix + "plane." + name.replace(' ', '_'), values));
    }

    /// A section's or figure's name, or title, with its run's where there are several.
    private static String named(String name, String between, Part part) {
        return part.name().isEmpty() ? name : name + between + part.name();
    }

    private static String file(String name, Part part) {
        return named(name, "-", part).replace(' ', '-');
    }

    private static boolean isControl(Ends ends) {
        return Subject.plain(ends.to()).equals(NamedModels.FRESH);
    }

    private static Document.Section lines(Part part) {
        List<Figure> figures = new ArrayList<>();
        Axis ce = Axis.linear("CE (nats a token)");
        figures.add(chart(part, PathsReport.FORGET_CE, "forget-ce", ce));
        figures.add(chart(part, PathsReport.RETAIN_CE, "retain-ce", ce));
        figures.add(
                chart(
                        part,
                        PathsReport.FORGET_ACCURACY,
                        "forget-accuracy",
                        Axis.share("next tokens that are right (share)")));
        figures.add(
                chart(
                        part,
                        PathsReport.RETAIN_ACCURACY,
                        "retain-accuracy",
                        Axis.share("next tokens that are right (share)")));
        List<List<String>> rows = new ArrayList<>();
        part.lines().forEach((ends, line) -> rows.add(row(part, ends, line)));
        return new Document.Section(
                file("lines", part),
                named("Along the lines between models", ": ", part),
                List.of(
                        "Exact values on the rows at every point (1 - t) a + t b. A barrier is how"
                            + " far"
                            + " the loss rises above the straight line between its values at both"
                            + " ends. Nets from independent initialisations differ by permutations"
                            + " of"
                            + " their units, so a barrier between them is no sign of different"
                            + " basins: the line between two filters of different seeds stands here"
                            + " as control, and so is the one to a distilled student, which begins"
                            + " with weights of its own."),
                figures,
                List.of(
                        new Document.Table(
                                "Distance in weight space (Euclidean), barriers in nats a token,"
                                    + " accuracies lost on the way (share).",
                                List.of(
                                        "line",
                                        "distance",
                                        "barrier, forget CE",
                                        "barrier, retain CE",
                                        "least forget accuracy",
                                        "least retain accuracy"),
                                rows)));
    }

    private static List<String> row(Part part, Ends ends, Line line) {
        return List.of(
                within(part, ends),
                Text.number(line.distance()),
                Text.number(line.barrier(PathsReport.FORGET_CE)),
                Text.number(line.barrier(PathsReport.RETAIN_CE)),
                Text.number(least(line, PathsReport.FORGET_ACCURACY)),
                Text.number(least(line, PathsReport.RETAIN_ACCURACY)));
    }

    private static double least(Line line, String measure) {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < line.t().length; i++) {
            if (line.t()[i] >= 0 && line.t()[i] <= 1) {
                least = Math.min(least, line.measures().get(measure)[i]);
            }
        }
        return least;
    }

    /// Without the run's name, which the title has.
    private static String within(Part part, Ends ends) {
        return ends.toString().replace(part.name() + "/", "");
    }

    private static Figure chart(Part part, String measure, String name, Axis y) {
        List<dev.lethe.tools.report.figure.Line> lines = new ArrayList<>();
        for (var one : part.lines().entrySet()) {
            double[] t = one.getValue().t();
            double[] values = one.getValue().measures().get(measure);
            List<dev.lethe.tools.report.figure.Line.Spot> spots = new ArrayList<>();
            for (int i = 0; i < values.length; i++) {
                spots.add(
                        new dev.lethe.tools.report.figure.Line.Spot(
                                t[i], values[i], values[i], values[i]));
            }
            lines.add(
                    new dev.lethe.tools.report.figure.Line(
                            within(part, one.getKey()), Look.nth(lines.size()), spots));
        }
        Chart chart =
                new Chart(
                        named("Between models: " + measure, ", ", part),
                        "Straight lines in weight space; filter to filter+fresh is the control",
                        Axis.linear("t: from the first model (0) to the second (1)"),
                        y,
                        lines,
                        List.of(Mark.x(0, "first"), Mark.x(1, "second")),
                        true);
        return Figure.of(
                file("line-" + name, part),
                file("lines", part),
                measure
                        + " along the straight lines between models, and a little beyond. Exact on"
                        + " the rows.",
                chart);
    }

    private static Document.Section surface(Part part, Plane of) {
        List<String> corners = part.corners().stream().map(Subject::plain).toList();
        List<HeatMap.Spot> spots = new ArrayList<>();
        for (int i = 0; i < corners.size(); i++) {
            spots.add(
                    new HeatMap.Spot(
                            corners.get(i),
                            Look.nth(i),
                            of.corners().get(i).x(),
                            of.corners().get(i).y()));
        }
        List<Figure> figures = new ArrayList<>();
        of.measures()
                .forEach(
                        (name, values) -> {
                            HeatMap map =
                                    new HeatMap(
                                            named(
                                                    "On the plane through three models: " + name,
                                                    ", ",
                                                    part),
                                            "In lengths of weight space; the circles are the"
                                                + " models",
                                            HeatMap.Side.of("x (units of weight)", of.x()),
                                            HeatMap.Side.of("y (units of weight)", of.y()),
                                            values,
                                            Shades.RISING,
                                            "CE (nats a token)",
                                            spots);
                            figures.add(
                                    Figure.of(
                                            file(
                                                    "plane-"
                                                            + name.replace(' ', '-')
                                                                    .toLowerCase(Locale.ROOT),
                                                    part),
                                            file("plane", part),
                                            name
                                                    + " on the plane through "
                                                    + String.join(", ", corners)
                                                    + ". Exact on the rows at each point of the"
                                                    + " grid.",
                                            map));
                        });
        return new Document.Section(
                file("plane", part),
                named("On a plane through three models", ": ", part),
                List.of(),
                figures,
                List.of());
    }

    private static void cells(Answer.Builder answer, Ends ends, Line line) {
        String name = ends.toString();
        answer.cell(name, "distance", "", line.distance());
        line.measures()
                .forEach(
                        (measure, values) -> {
                            String quantity = measure.replace(' ', '_').toLowerCase(Locale.ROOT);
                            if (measure.endsWith("CE")) {
                                answer.cell(
                                        name, quantity + "_barrier", "", line.barrier(measure));
                            }
                            for (int i = 0; i < values.length; i++) {
                                answer.cell(name, quantity, "", line.t()[i], values[i]);
                            }
                        });
    }
}
