package dev.lethe.tools.study;

import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/// [Dots] in the making: names and series stand in the order in which they first come.
final class DotsByName {
    private final List<String> names = new ArrayList<>();
    private final SequencedMap<String, List<Dots.Dot>> series = new LinkedHashMap<>();

    /// A line of the figure, whether or not a dot comes to stand in it.
    ///
    /// @return its index
    int line(String name) {
        if (!names.contains(name)) {
            names.add(name);
        }
        return names.indexOf(name);
    }

    /// A series, whether or not it comes to have a dot.
    DotsByName series(String name) {
        series.computeIfAbsent(name, _ -> new ArrayList<>());
        return this;
    }

    DotsByName add(String of, String name, double value) {
        return add(of, Dots.Dot.of(line(name), value));
    }

    DotsByName add(String of, Dots.Dot dot) {
        series(of);
        series.get(of).add(dot);
        return this;
    }

    /// @param look of a series by its name
    Dots dots(
            String title, String note, Axis axis, Function<String, Look> look, List<Mark> marks) {
        List<Dots.Series> drawn = new ArrayList<>();
        series.forEach((name, dots) -> drawn.add(new Dots.Series(name, look.apply(name), dots)));
        return new Dots(title, note, axis, names, drawn, marks);
    }
}
