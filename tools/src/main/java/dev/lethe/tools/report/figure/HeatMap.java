package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Words;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.geom.Ellipse2D;
import java.util.Arrays;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYShapeAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.DefaultXYZDataset;

/// Values over two axes as colours, with a scale that says which is which.
///
/// @param x from left to right
/// @param y from top to bottom for names, from bottom to top for numbers
/// @param values `[y][x]`
/// @param unit of the values, beside the scale
/// @param spots places marked and named
public record HeatMap(
        String title,
        String note,
        Side x,
        Side y,
        double[][] values,
        Shades shades,
        String unit,
        List<Spot> spots) {
    private static final int CELL = 34;

    /// One side of the map: names, or rising numbers at equal distances.
    ///
    /// @param label with its unit; empty for names
    public record Side(String label, List<String> names, double[] numbers) {
        public static Side of(List<String> names) {
            return new Side("", List.copyOf(names), new double[0]);
        }

        public static Side of(String label, double[] numbers) {
            return new Side(label, List.of(), numbers);
        }

        private boolean named() {
            return !names.isEmpty();
        }

        private double at(int i) {
            return named() ? i : numbers[i];
        }

        private double step() {
            return named() ? 1 : numbers[1] - numbers[0];
        }

        private int count() {
            return named() ? names.size() : numbers.length;
        }
    }

    /// A place on a map of numbers.
    public record Spot(String name, Look look, double x, double y) {}

    Dimension size() {
        return x.named()
                ? new Dimension(
                        Math.max(560, 330 + CELL * x.count()),
                        Math.max(330, 240 + CELL * y.count()))
                : new Dimension(720, 520);
    }

    JFreeChart draw() {
        double low = Arrays.stream(values).flatMapToDouble(Arrays::stream).min().orElse(0);
        double high = Arrays.stream(values).flatMapToDouble(Arrays::stream).max().orElse(1);
        Shades.Scale scale = shades.scale(low, high);
        XYBlockRenderer renderer = new XYBlockRenderer();
        renderer.setPaintScale(scale);
        renderer.setBlockWidth(x.step());
        renderer.setBlockHeight(y.step());
        XYPlot plot = new XYPlot(data(), axis(x), axis(y), renderer);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        plot.setFixedLegendItems(legend());
        if (x.named()) {
            write(plot, scale);
        }
        mark(plot);
        JFreeChart drawing = Drawing.whole(title, note, plot);
        drawing.addSubtitle(colours(scale));
        return drawing;
    }

    private DefaultXYZDataset data() {
        int count = x.count() * y.count();
        double[][] all = new double[3][count];
        for (int j = 0; j < y.count(); j++) {
            for (int i = 0; i < x.count(); i++) {
                int at = j * x.count() + i;
                all[0][at] = x.at(i);
                all[1][at] = y.at(j);
                all[2][at] = values[j][i];
            }
        }
        DefaultXYZDataset data = new DefaultXYZDataset();
        data.addSeries("values", all);
        return data;
    }

    private ValueAxis axis(Side side) {
        if (side.named()) {
            SymbolAxis names = new SymbolAxis(null, side.names().toArray(String[]::new));
            names.setGridBandsVisible(false);
            names.setRange(-0.5, side.count() - 0.5);
            names.setInverted(side == y);
            names.setVerticalTickLabels(side == x);
            Drawing.style(names);
            return names;
        }
        NumberAxis numbers = new NumberAxis(side.label());
        Drawing.style(numbers);
        numbers.setRange(
                side.at(0) - side.step() / 2, side.at(side.count() - 1) + side.step() / 2);
        return numbers;
    }

    private void write(XYPlot plot, Shades.Scale scale) {
        for (int j = 0; j < y.count(); j++) {
            for (int i = 0; i < x.count(); i++) {
                XYTextAnnotation text =
                        new XYTextAnnotation(Words.figure(values[j][i]), x.at(i), y.at(j));
                text.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
                text.setPaint(scale.inkOn(values[j][i]));
                plot.addAnnotation(text);
            }
        }
    }

    private void mark(XYPlot plot) {
        for (Spot spot : spots) {
            double width = x.step() * x.count() / 70;
            double height = y.step() * y.count() / 50;
            plot.addAnnotation(
                    new XYShapeAnnotation(
                            new Ellipse2D.Double(
                                    spot.x() - width / 2,
                                    spot.y() - height / 2,
                                    width,
                                    height),
                            new BasicStroke(2f),
                            Color.WHITE,
                            spot.look().color()));
        }
    }

    private LegendItemCollection legend() {
        LegendItemCollection items = new LegendItemCollection();
        for (Spot spot : spots) {
            LegendItem item = new LegendItem(spot.name(), spot.look().color());
            item.setShape(new Ellipse2D.Double(-4, -4, 8, 8));
            items.add(item);
        }
        return items;
    }

    private PaintScaleLegend colours(Shades.Scale scale) {
        NumberAxis axis = new NumberAxis(unit);
        Drawing.style(axis);
        axis.setRange(scale.getLowerBound(), scale.getUpperBound());
        PaintScaleLegend legend = new PaintScaleLegend(scale, axis);
        legend.setPosition(RectangleEdge.RIGHT);
        legend.setStripWidth(14);
        legend.setSubdivisionCount(120);
        legend.setPadding(new RectangleInsets(14, 14, 40, 6));
        legend.setBackgroundPaint(Color.WHITE);
        return legend;
    }
}
