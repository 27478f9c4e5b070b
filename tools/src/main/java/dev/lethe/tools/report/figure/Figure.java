package dev.lethe.tools.report.figure;

import org.jfree.chart.JFreeChart;

import java.awt.Dimension;
import java.util.function.Supplier;

/// A drawn figure.
///
/// @param name of its files
/// @param claim or section that it belongs to
/// @param caption what is seen, in a sentence or two
/// @param size in the units of its fonts
public record Figure(
        String name, String claim, String caption, Dimension size, Supplier<JFreeChart> drawing) {
    private static final Dimension SINGLE = new Dimension(720, 450);
    private static final Dimension WIDE = new Dimension(1040, 460);

    public static Figure of(String name, String claim, String caption, Chart chart) {
        return new Figure(name, claim, caption, SINGLE, () -> Drawing.of(chart));
    }

    /// A value for each name.
    public static Figure of(String name, String claim, String caption, Dots dots) {
        return new Figure(name, claim, caption, dots.size(), dots::draw);
    }

    public static Figure of(String name, String claim, String caption, HeatMap map) {
        return new Figure(name, claim, caption, map.size(), map::draw);
    }

    static Figure wide(String name, String claim, String caption, Supplier<JFreeChart> drawing) {
        return new Figure(name, claim, caption, WIDE, drawing);
    }

    /// An SVG document without a declaration, so that it can also stand within a page. Its ids
    /// begin with the figure's name, for a page holds several.
    public String svg() {
        return Svg.of(this);
    }

    /// PNG at twice the size, for screens and print.
    public byte[] png() {
        return Png.of(this);
    }
}
