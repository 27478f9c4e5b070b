package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Estimate;
import java.awt.BasicStroke;
import java.awt.Dimension;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/// Values for names, as dots with their intervals: one name a line, several series side by side
/// within it.
///
/// @param x values; only its label and whether it is logarithmic count where it is not fixed
/// @param names from top to bottom
/// @param marks upright
public record Dots(
        String title,
        String note,
        Axis x,
        List<String> names,
        List<Series> series,
        List<Mark> marks) {
    private static final int FRAME = 150;
    private static final int LINE = 30;
    private static final int CROWDED = 11; // a line for each series more

    public Dots {
        names = List.copyOf(names);
        series = List.copyOf(series);
        marks = List.copyOf(marks);
    }

    /// @param dots of some of the names
    public record Series(String name, Look look, List<Dot> dots) {}

    /// @param at index of the name
    /// @param low equal to the value where there is no interval
    public record Dot(int at, double value, double low, double high) {
        /// Without an interval.
        public static Dot of(int at, double value) {
            return new Dot(at, value, value, value);
        }

        static Dot of(int at, Estimate estimate) {
            return estimate.hasInterval()
                    ? new Dot(at, estimate.mean(), estimate.low(), estimate.high())
                    : of(at, estimate.mean());
        }
    }

    Dimension size() {
        int line = LINE + CROWDED * (series.size() - 1);
        return new Dimension(720, FRAME + 14 * ((series.size() + 2) / 3) + line * names.size());
    }

    JFreeChart draw() {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawYError(false);
        renderer.setErrorStroke(new BasicStroke(1.6f));
        for (int i = 0; i < series.size(); i++) {
            Series one = series.get(i);
            XYIntervalSeries drawn = new XYIntervalSeries(one.name());
            double beside = 0.7 * ((i + 0.5) / series.size() - 0.5);
            for (Dot dot : one.dots()) {
                double y = dot.at() + beside;
                drawn.add(dot.value(), dot.low(), dot.high(), y, y, y);
            }
            data.addSeries(drawn);
            renderer.setSeriesPaint(i, one.look().color());
            renderer.setSeriesShape(i, one.look().marker());
        }
        SymbolAxis lines = new SymbolAxis(null, names.toArray(String[]::new));
        lines.setInverted(true);
        lines.setGridBandsVisible(false);
        lines.setRange(-0.6, names.size() - 0.4);
        Drawing.style(lines);
        XYPlot plot = new XYPlot(data, values(), lines, renderer);
        Drawing.style(plot);
        marks.forEach(mark -> plot.addDomainMarker(Drawing.marker(mark), Layer.BACKGROUND));
        return Drawing.whole(title, note, plot);
    }

    private ValueAxis values() {
        ValueAxis drawn = Drawing.axis(x);
        if (!x.isFixed()) {
            DoubleSummaryStatistics ends = ends();
            if (drawn instanceof LogAxis powers) {
                Drawing.fitTicks(powers, DoubleStream.of(ends.getMin(), ends.getMax()));
                drawn.setRange(ends.getMin() / 1.5, ends.getMax() * 1.5);
            } else {
                double extent = ends.getMax() - ends.getMin();
                double margin = extent > 0 ? 0.06 * extent : 0.5;
                drawn.setRange(ends.getMin() - margin, ends.getMax() + 2 * margin);
            }
        }
        return drawn;
    }

    /// Of all that must be seen: values, intervals and marks.
    private DoubleSummaryStatistics ends() {
        DoubleSummaryStatistics ends = new DoubleSummaryStatistics();
        marks.forEach(mark -> ends.accept(mark.value()));
        for (Series one : series) {
            for (Dot dot : one.dots()) {
                ends.accept(dot.value());
                ends.accept(dot.low());
                ends.accept(dot.high());
            }
        }
        return ends;
    }
}
