package dev.lethe.tools.report;

import dev.lethe.model.stage.RecoveryCurve;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/// `recovery.svg`: forget accuracy under the best attack against attack steps, a line a model; with
/// several seeds their mean, and each seed as a thin line behind it.
public final class RecoveryFigure {
    private static final String SVG = "http://www.w3.org/2000/svg";
    private static final Dimension SIZE = new Dimension(800, 500);
    private static final String FONT = Font.SANS_SERIF;
    private static final Color GRID = new Color(0xDDDDDD);

    /// Okabe and Ito's colours, which the colour-blind tell apart; markers tell apart in grey too.
    private static final List<Look> LOOKS =
            List.of(
                    new Look(new Color(0x009E73), new Ellipse2D.Double(-4, -4, 8, 8)),
                    new Look(new Color(0xD55E00), new Rectangle2D.Double(-4, -4, 8, 8)),
                    new Look(new Color(0x0072B2), triangle()),
                    new Look(new Color(0xCC79A7), diamond()));

    private record Look(Color color, Shape marker) {
        Color faint() {
            return new Color(color.getRed(), color.getGreen(), color.getBlue(), 90);
        }
    }

    private RecoveryFigure() {}

    /// The figure as an SVG document.
    ///
    /// @param title what was run
    public static String svg(Findings findings, String title) {
        TextUtils.setUseDrawRotatedStringWorkaround(false); // which would draw words as outlines
        try {
            var document =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .getDOMImplementation()
                            .createDocument(SVG, "svg", null);
            SVGGraphics2D graphics = new SVGGraphics2D(document);
            graphics.setSVGCanvasSize(SIZE);
            Rectangle2D area = new Rectangle2D.Double(0, 0, SIZE.width, SIZE.height);
            chart(findings, title).draw(graphics, area);
            StringWriter text = new StringWriter();
            graphics.stream(text, true);
            return text.toString();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("figure: this Java has no XML documents", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JFreeChart chart(Findings findings, String title) {
        JFreeChart chart =
                ChartFactory.createXYLineChart(
                        title,
                        "relearning (updates)",
                        "forget accuracy (share of answers, best learning rate)",
                        data(findings),
                        PlotOrientation.VERTICAL,
                        true,
                        false,
                        false);
        chart.setBackgroundPaint(Color.WHITE);
        chart.setAntiAlias(true);
        chart.getTitle().setFont(new Font(FONT, Font.BOLD, 17));
        chart.addSubtitle(0, new TextTitle(subtitle(findings), new Font(FONT, Font.PLAIN, 12)));
        chart.getLegend().setItemFont(new Font(FONT, Font.PLAIN, 13));
        chart.getLegend().setPosition(RectangleEdge.BOTTOM);
        chart.getLegend().setFrame(BlockBorder.NONE);
        chart.setPadding(new RectangleInsets(8, 8, 8, 16));
        XYPlot plot = chart.getXYPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.setRangeGridlineStroke(new BasicStroke(1));
        plot.setDomainGridlineStroke(new BasicStroke(1));
        NumberAxis accuracy = (NumberAxis) plot.getRangeAxis();
        accuracy.setRange(-0.02, 1.02);
        NumberAxis steps = (NumberAxis) plot.getDomainAxis();
        steps.setTickUnit(new NumberTickUnit(10));
        steps.setLowerMargin(0.01);
        steps.setUpperMargin(0.02);
        for (NumberAxis axis : List.of(accuracy, steps)) {
            axis.setLabelFont(new Font(FONT, Font.PLAIN, 13));
            axis.setTickLabelFont(new Font(FONT, Font.PLAIN, 12));
        }
        plot.setRenderer(renderer(findings));
        plot.addDomainMarker(horizon(findings.thresholds().horizon()));
        plot.addRangeMarker(base(findings));
        return chart;
    }

    private static String subtitle(Findings findings) {
        List<Long> seeds = findings.seeds().stream().map(SeedRun::seed).toList();
        return seeds.size() == 1
                ? "seed " + seeds.getFirst()
                : "mean of %d seeds (thick), each seed (thin)".formatted(seeds.size());
    }

    /// Means first, in the order of the looks; then the single seeds of one model after another.
    private static XYSeriesCollection data(Findings findings) {
        XYSeriesCollection data = new XYSeriesCollection();
        for (String model : findings.attacked()) {
            data.addSeries(series(model, RecoveryCurve.mean(findings.curves(model))));
        }
        if (findings.seeds().size() > 1) {
            for (String model : findings.attacked()) {
                for (SeedRun seed : findings.seeds()) {
                    String name = model + " seed " + seed.seed();
                    data.addSeries(series(name, seed.model(model).curve()));
                }
            }
        }
        return data;
    }

    private static XYSeries series(String name, RecoveryCurve curve) {
        XYSeries series = new XYSeries(name);
        curve.heights().forEach(series::add);
        return series;
    }

    private static XYLineAndShapeRenderer renderer(Findings findings) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        int models = findings.attacked().size();
        int seeds = findings.seeds().size() > 1 ? findings.seeds().size() : 0;
        for (int i = 0; i < models; i++) {
            Look look = LOOKS.get(i % LOOKS.size());
            renderer.setSeriesPaint(i, look.color());
            renderer.setSeriesShape(i, look.marker());
            renderer.setSeriesStroke(i, new BasicStroke(2.4f));
            for (int s = 0; s < seeds; s++) {
                int thin = models + i * seeds + s;
                renderer.setSeriesPaint(thin, look.faint());
                renderer.setSeriesStroke(thin, new BasicStroke(1f));
                renderer.setSeriesShapesVisible(thin, false);
                renderer.setSeriesVisibleInLegend(thin, false);
            }
        }
        return renderer;
    }

    private static ValueMarker horizon(long step) {
        ValueMarker marker = dashed(step, "A: mean height to here");
        marker.setLabelAnchor(RectangleAnchor.BOTTOM_RIGHT);
        marker.setLabelTextAnchor(TextAnchor.BOTTOM_LEFT);
        return marker;
    }

    private static ValueMarker base(Findings findings) {
        double height =
                findings.seeds().stream()
                        .mapToDouble(seed -> seed.model("base").before().forget())
                        .average()
                        .orElseThrow();
        ValueMarker marker = dashed(height, "base, before unlearning");
        marker.setLabelAnchor(RectangleAnchor.BOTTOM_RIGHT);
        marker.setLabelTextAnchor(TextAnchor.TOP_RIGHT);
        return marker;
    }

    private static ValueMarker dashed(double value, String label) {
        ValueMarker marker = new ValueMarker(value);
        marker.setPaint(Color.GRAY);
        marker.setStroke(
                new BasicStroke(
                        1.2f,
                        BasicStroke.CAP_BUTT,
                        BasicStroke.JOIN_MITER,
                        10,
                        new float[] {6, 5},
                        0));
        marker.setLabel(label);
        marker.setLabelFont(new Font(FONT, Font.PLAIN, 12));
        marker.setLabelPaint(Color.DARK_GRAY);
        marker.setLabelBackgroundColor(new Color(255, 255, 255, 0));
        return marker;
    }

    private static Shape triangle() {
        Path2D path = new Path2D.Double();
        path.moveTo(0, -5);
        path.lineTo(5, 4);
        path.lineTo(-5, 4);
        path.closePath();
        return path;
    }

    private static Shape diamond() {
        Path2D path = new Path2D.Double();
        path.moveTo(0, -5);
        path.lineTo(5, 0);
        path.lineTo(0, 5);
        path.lineTo(-5, 0);
        path.closePath();
        return path;
    }
}
