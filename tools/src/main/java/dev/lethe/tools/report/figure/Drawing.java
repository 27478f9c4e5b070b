package dev.lethe.tools.report.figure;

import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CombinedRangeXYPlot;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/// Charts as JFreeChart draws them: dark on white, also for print.
final class Drawing {
    private static final String FONT = Font.SANS_SERIF;
    private static final Font TITLE = new Font(FONT, Font.BOLD, 17);
    private static final Font NOTE = new Font(FONT, Font.PLAIN, 13);
    private static final Font LABEL = new Font(FONT, Font.PLAIN, 14);
    private static final Font TICKS = new Font(FONT, Font.PLAIN, 13);
    private static final Color INK = new Color(0x222222);
    private static final Color QUIET = new Color(0x555555);
    private static final Color GRID = new Color(0xDDDDDD);
    private static final DecimalFormatSymbols SYMBOLS =
            DecimalFormatSymbols.getInstance(Locale.ROOT);
    private static final double ROOM = 0.08;
    private static final float BAND = 0.16f;
    private static final double FEW_POWERS = 300;

    private Drawing() {}

    static JFreeChart of(Chart chart) {
        return whole(chart.title(), chart.note(), plot(chart));
    }

    /// Several charts in a row over one axis of heights, with one legend.
    static JFreeChart row(String title, String note, Axis heights, List<Chart> charts) {
        CombinedRangeXYPlot plot = new CombinedRangeXYPlot(axis(heights));
        plot.setGap(30);
        for (Chart chart : charts) {
            XYPlot panel = plot(chart);
            panel.getDomainAxis().setLowerMargin(ROOM);
            panel.getDomainAxis().setUpperMargin(ROOM);
            plot.add(panel);
        }
        // Each panel repeats the models; one set of entries is enough.
        plot.setFixedLegendItems(plot.getSubplots().getFirst().getLegendItems());
        return whole(title, note, plot);
    }

    static JFreeChart whole(String title, String note, Plot plot) {
        JFreeChart drawing = new JFreeChart(title, TITLE, plot, false);
        drawing.setBackgroundPaint(Color.WHITE);
        drawing.getTitle().setPaint(INK);
        drawing.getTitle().setHorizontalAlignment(HorizontalAlignment.LEFT);
        drawing.getTitle().setTextAlignment(HorizontalAlignment.LEFT);
        TextTitle below = new TextTitle(note, NOTE);
        below.setPaint(QUIET);
        below.setHorizontalAlignment(HorizontalAlignment.LEFT);
        below.setTextAlignment(HorizontalAlignment.LEFT);
        drawing.addSubtitle(0, below);
        LegendTitle legend = new LegendTitle(plot);
        legend.setItemFont(LABEL);
        legend.setItemPaint(INK);
        legend.setPosition(RectangleEdge.BOTTOM);
        legend.setFrame(BlockBorder.NONE);
        legend.setItemLabelPadding(new RectangleInsets(2, 4, 2, 14));
        drawing.addSubtitle(legend);
        drawing.setPadding(new RectangleInsets(10, 10, 8, 16));
        return drawing;
    }

    private static XYPlot plot(Chart chart) {
        YIntervalSeriesCollection data = new YIntervalSeriesCollection();
        for (Line line : chart.lines()) {
            YIntervalSeries series = new YIntervalSeries(line.name());
            line.spots().forEach(s -> series.add(s.x(), s.mean(), s.low(), s.high()));
            data.addSeries(series);
        }
        ValueAxis heights = axis(chart.y());
        if (heights instanceof LogAxis powers) {
            fitTicks(
                    powers,
                    chart.lines().stream()
                            .flatMap(line -> line.spots().stream())
                            .flatMapToDouble(s -> DoubleStream.of(s.low(), s.high())));
        }
        XYPlot plot = new XYPlot(data, axis(chart.x()), heights, renderer(chart));
        style(plot);
        for (Mark mark : chart.marks()) {
            if (mark.isUpright()) {
                plot.addDomainMarker(marker(mark), Layer.BACKGROUND);
            } else {
                plot.addRangeMarker(marker(mark), Layer.BACKGROUND);
            }
        }
        return plot;
    }

    static void style(XYPlot plot) {
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.setRangeGridlineStroke(new BasicStroke(1));
        plot.setDomainGridlineStroke(new BasicStroke(1));
        plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
    }

    private static XYLineAndShapeRenderer renderer(Chart chart) {
        XYLineAndShapeRenderer renderer = chart.joined() ? bands() : whiskers();
        for (int i = 0; i < chart.lines().size(); i++) {
            Look look = chart.lines().get(i).look();
            renderer.setSeriesPaint(i, look.color());
            renderer.setSeriesFillPaint(i, look.color());
            renderer.setSeriesShape(i, look.marker());
            renderer.setSeriesStroke(i, look.stroke());
            renderer.setSeriesShapesVisible(i, true);
        }
        renderer.setDrawSeriesLineAsPath(true);
        return renderer;
    }

    private static XYLineAndShapeRenderer bands() {
        DeviationRenderer bands = new DeviationRenderer(true, true);
        bands.setAlpha(BAND);
        return bands;
    }

    private static XYLineAndShapeRenderer whiskers() {
        XYErrorRenderer whiskers = new XYErrorRenderer();
        whiskers.setDrawXError(false);
        whiskers.setErrorStroke(new BasicStroke(1.4f));
        return whiskers;
    }

    static ValueAxis axis(Axis axis) {
        ValueAxis drawn =
                switch (axis.scale()) {
                    case LOGARITHMIC -> logarithmic(axis.label());
                    case LINEAR -> linear(axis.label());
                    case SHARE -> {
                        NumberAxis share = linear(axis.label());
                        share.setTickUnit(new NumberTickUnit(0.2));
                        yield share;
                    }
                    case WHOLE -> {
                        NumberAxis whole = linear(axis.label());
                        whole.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
                        whole.setNumberFormatOverride(new DecimalFormat("0", SYMBOLS));
                        yield whole;
                    }
                };
        if (axis.isFixed()) {
            drawn.setRange(axis.low(), axis.high());
        }
        style(drawn);
        return drawn;
    }

    static void style(ValueAxis drawn) {
        drawn.setLowerMargin(0.02);
        drawn.setUpperMargin(0.03);
        drawn.setLabelFont(LABEL);
        drawn.setLabelPaint(INK);
        drawn.setTickLabelFont(TICKS);
        drawn.setTickLabelPaint(INK);
        drawn.setAxisLinePaint(QUIET);
        drawn.setTickMarkPaint(QUIET);
    }

    private static NumberAxis linear(String label) {
        NumberAxis axis = new NumberAxis(label);
        axis.setAutoRangeIncludesZero(false);
        axis.setAutoRangeStickyZero(false); // dots at 0 would be cut in half
        return axis;
    }

    private static LogAxis logarithmic(String label) {
        LogAxis axis = new LogAxis(label);
        axis.setTickUnit(new NumberTickUnit(1)); // powers of ten
        axis.setNumberFormatOverride(new Powers());
        return axis;
    }

    /// Over few powers of ten, ticks at powers of two.
    static void fitTicks(LogAxis axis, DoubleStream values) {
        DoubleSummaryStatistics ends = values.summaryStatistics();
        if (ends.getMin() > 0 && ends.getMax() < FEW_POWERS * ends.getMin()) {
            axis.setTickUnit(new NumberTickUnit(Math.log10(2)));
        }
    }

    static ValueMarker marker(Mark mark) {
        ValueMarker marker = new ValueMarker(mark.value());
        marker.setPaint(QUIET);
        marker.setStroke(
                new BasicStroke(
                        1.2f,
                        BasicStroke.CAP_BUTT,
                        BasicStroke.JOIN_MITER,
                        10,
                        new float[] {6, 5},
                        0));
        marker.setLabel(mark.words());
        marker.setLabelFont(NOTE);
        marker.setLabelPaint(QUIET);
        marker.setLabelBackgroundColor(new Color(255, 255, 255, 0));
        marker.setLabelAnchor(
                mark.side() == Mark.Side.BELOW
                        ? RectangleAnchor.BOTTOM_RIGHT
                        : RectangleAnchor.TOP_RIGHT);
        marker.setLabelTextAnchor(
                switch (mark.side()) {
                    case RIGHT -> TextAnchor.TOP_LEFT;
                    case ABOVE -> TextAnchor.BOTTOM_RIGHT;
                    case BELOW -> TextAnchor.TOP_RIGHT;
                });
        return marker;
    }
}
