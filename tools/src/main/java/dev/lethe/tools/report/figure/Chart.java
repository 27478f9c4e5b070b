package dev.lethe.tools.report.figure;

import java.util.List;

/// What a chart shows, before it is drawn.
///
/// @param note below the title: seeds, learning rates
/// @param joined whether spots of a line are joined
public record Chart(
        String title,
        String note,
        Axis x,
        Axis y,
        List<Line> lines,
        List<Mark> marks,
        boolean joined) {
    public Chart {
        lines = lines.stream().filter(line -> !line.isEmpty()).toList();
        marks = List.copyOf(marks);
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }
}
