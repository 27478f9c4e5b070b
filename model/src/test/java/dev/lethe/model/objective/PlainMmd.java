package dev.lethe.model.objective;

/// [MultiKernelMmd] once more, pair by pair, with a width that can be held fixed.
public final class PlainMmd {
    private PlainMmd() {}

    public static double width(int rows, double[] x, double[] y) {
        double sum = 0;
        double[][] both = {x, y};
        for (double[] a : both) {
            for (double[] b : both) {
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < rows; j++) {
                        sum += squaredDistance(rows, a, i, b, j);
                    }
                }
            }
        }
        int n = 2 * rows;
        return sum / (n * n - n) / 4;
    }

    public static double between(int rows, double[] x, double[] y, double width) {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                sum += kernel(squaredDistance(rows, x, i, x, j), width);
                sum += kernel(squaredDistance(rows, y, i, y, j), width);
                sum -= kernel(squaredDistance(rows, x, i, y, j), width);
                sum -= kernel(squaredDistance(rows, y, i, x, j), width);
            }
        }
        return sum / (rows * rows);
    }

    private static double kernel(double squaredDistance, double width) {
        double sum = 0;
        for (double multiple = 1; multiple <= 16; multiple *= 2) {
            sum += Math.exp(-squaredDistance / (width * multiple));
        }
        return sum;
    }

    private static double squaredDistance(int rows, double[] a, int i, double[] b, int j) {
        int width = a.length / rows;
        double sum = 0;
        for (int k = 0; k < width; k++) {
            double difference = a[i * width + k] - b[j * width + k];
            sum += difference * difference;
        }
        return sum;
    }
}
