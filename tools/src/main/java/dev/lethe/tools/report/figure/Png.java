package dev.lethe.tools.report.figure;

import org.jfree.chart.ChartUtils;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Figures as PNG, by JFreeChart's own writer.
final class Png {
    private static final int SCALE = 2;

    private Png() {}

    static byte[] of(Figure figure) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ChartUtils.writeScaledChartAsPNG(
                    bytes,
                    figure.drawing().get(),
                    figure.size().width,
                    figure.size().height,
                    SCALE,
                    SCALE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
