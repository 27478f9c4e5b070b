package dev.lethe.tools.study;

import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.study.TrajectoryReport.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How hard the loss that is being trained pulls at each layer along the way, as a figure for each
/// training.
///
/// @param section of the page
/// @param prefix of figures' names
/// @param loss what is trained, in words
record TrajectoryLayers(String section, String prefix, String loss) {
    private static final double ROUNDING = 1e-12; // what is smaller has no place on a log axis

    List<Figure> of(Map<String, List<Seen>> trainings) {
        List<Figure> figures = new ArrayList<>();
        trainings.forEach((model, seen) -> figures.add(figure(model, seen)));
        return figures;
    }

    private Figure figure(String model, List<Seen> seen) {
        List<Line> lines = new ArrayList<>();
        for (String group : seen.getFirst().trained().keySet()) {
            List<Line.Spot> spots = new ArrayList<>();
            for (Seen one : seen) {
                double norm = one.trained().get(group);
                if (norm > ROUNDING) {
                    spots.add(new Line.Spot(one.step(), norm, norm, norm));
                }
            }
            lines.add(new Line(group, Look.nth(lines.size()), spots));
        }
        Chart chart =
                new Chart(
                        "What pulls at each layer: " + model,
                        "Gradient of " + loss + ", over the parameters that move; one seed, exact",
                        Axis.steps("steps (updates)"),
                        Axis.ofPositive(
                                "norm of the gradient (loss per unit of weight)", lines),
                        lines,
                        List.of(),
                        true);
        return Figure.of(
                prefix + model,
                section,
                "Norm of the gradient of "
                        + loss
                        + " at "
                        + model
                        + " by layer and step, over the parameters that the training moves.",
                chart);
    }
}
