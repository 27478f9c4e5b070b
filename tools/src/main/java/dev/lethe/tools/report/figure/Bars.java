package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Estimate;

import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/// A value for each name, as a dot with its interval: one name a line.
///
/// @param limit drawn across
record Bars(String title, String note, String axis, List<Bar> bars, double limit, Color color) {
    private static final int FRAME = 150;
    private static final int LINE = 30;

    record Bar(String name, Estimate value) {}

    static Dimension size(int lines) {
        return new Dimension(720, FRAME + LINE * lines);
    }

    JFreeChart draw() {
        XYIntervalSeries series = new XYIntervalSeries("mean and 95% interval");
        for (int i = 0; i < bars.size(); i++) {
            Estimate value = bars.get(i).value();
            boolean wide = value.hasInterval();
            series.add(
                    value.mean(),
                    wide ? value.low() : value.mean(),
                    wide ? value.high() : value.mean(),
                    i,
                    i,
                    i);
        }
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        data.addSeries(series);
        SymbolAxis names =
                new SymbolAxis(null, bars.stream().map(Bar::name).toArray(String[]::new));
        names.setInverted(true);
        names.setGridBandsVisible(false);
        names.setRange(-0.6, bars.size() - 0.4);
        NumberAxis values = new NumberAxis(axis);
        DoubleSummaryStatistics ends = ends();
        double margin = 0.06 * (ends.getMax() - ends.getMin());
        values.setRange(ends.getMin() - margin, ends.getMax() + 2 * margin);
        Drawing.style(names);
        Drawing.style(values);
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawYError(false);
        renderer.setErrorStroke(new BasicStroke(1.6f));
        renderer.setSeriesPaint(0, color);
        renderer.setSeriesShape(0, Look.plain().marker());
        XYPlot plot = new XYPlot(data, values, names, renderer);
        Drawing.style(plot);
        plot.addDomainMarker(Drawing.marker(Mark.x(limit, "allowed")), Layer.BACKGROUND);
        plot.addDomainMarker(Drawing.marker(Mark.x(0, "")), Layer.BACKGROUND);
        return Drawing.whole(title, note, plot);
    }

    /// Of all that must be seen: values, intervals, zero and the limit.
    private DoubleSummaryStatistics ends() {
        DoubleSummaryStatistics ends = new DoubleSummaryStatistics();
        ends.accept(0);
        ends.accept(limit);
        for (Bar bar : bars) {
            ends.accept(bar.value().mean());
            if (bar.value().hasInterval()) {
                ends.accept(bar.value().low());
                ends.accept(bar.value().high());
            }
        }
        return ends;
    }
}
