package dev.lethe.tools.report.figure;

/// A dashed line across a chart, with a few words at it.
///
/// @param side of the line on which the words stand
public record Mark(double value, String words, Side side) {
    public enum Side {
        /// Of an upright line.
        RIGHT,
        ABOVE,
        BELOW
    }

    /// An upright line at a value of x.
    public static Mark x(double value, String words) {
        return new Mark(value, words, Side.RIGHT);
    }

    /// A level line at a value of y.
    public static Mark y(double value, String words) {
        return new Mark(value, words, Side.ABOVE);
    }

    boolean isUpright() {
        return side == Side.RIGHT;
    }
}
