package dev.lethe.tools.report.figure;

import java.awt.Color;
import java.awt.Paint;
import org.jfree.chart.renderer.PaintScale;

/// How values become colours.
public enum Shades {
    /// From -1 over 0 (white) to 1, for cosines: blue and orange, told apart by the colour-blind.
    SIGNED,
    /// From the least to the greatest value: a sample of the viridis map.
    RISING;

    private static final Color[] BLUE_TO_ORANGE = {
        new Color(0x0072B2), new Color(0xFFFFFF), new Color(0xD55E00),
    };
    private static final Color[] VIRIDIS = {
        new Color(0x440154),
        new Color(0x443983),
        new Color(0x31688E),
        new Color(0x21918C),
        new Color(0x35B779),
        new Color(0x8FD744),
        new Color(0xFDE725),
    };

    Scale scale(double least, double greatest) {
        return switch (this) {
            case SIGNED -> new Scale(-1, 1, BLUE_TO_ORANGE);
            case RISING ->
                    new Scale(least, greatest > least ? greatest : least + 1, VIRIDIS);
        };
    }

    /// Colours at equal distances, mixed between.
    static final class Scale implements PaintScale {
        private final double low;
        private final double high;
        private final Color[] colors;

        private Scale(double low, double high, Color[] colors) {
            this.low = low;
            this.high = high;
            this.colors = colors;
        }

        @Override
        public double getLowerBound() {
            return low;
        }

        @Override
        public double getUpperBound() {
            return high;
        }

        @Override
        public Paint getPaint(double value) {
            return color(value);
        }

        private Color color(double value) {
            double share = Math.max(0, Math.min(1, (value - low) / (high - low)));
            double at = share * (colors.length - 1);
            int below = Math.min((int) at, colors.length - 2);
            float part = (float) (at - below);
            float[] a = colors[below].getRGBColorComponents(null);
            float[] b = colors[below + 1].getRGBColorComponents(null);
            return new Color(
                    a[0] + part * (b[0] - a[0]),
                    a[1] + part * (b[1] - a[1]),
                    a[2] + part * (b[2] - a[2]));
        }

        /// Dark on light colours, white on dark ones.
        Color inkOn(double value) {
            Color c = color(value);
            double light = 0.299 * c.getRed() + 0.587 * c.getGreen() + 0.114 * c.getBlue();
            return light > 130 ? new Color(0x222222) : Color.WHITE;
        }
    }
}
