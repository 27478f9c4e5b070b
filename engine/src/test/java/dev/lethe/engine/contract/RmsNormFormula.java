package dev.lethe.engine.contract;

import dev.lethe.engine.backend.RmsNormKernels.Rows;

/// `y = x r (1 + w)`, `r = 1 / sqrt(mean(x^2) + epsilon)` (Zhang and Sennrich 2019, with Gemma's
/// offset of the weight by 1) and its gradient.
record RmsNormFormula(double[] y, double[] inverseRms, double[] dx, double[] dWeight) {
    static RmsNormFormula of(Precision p, Rows rows, double[] x, double[] weight, double[] dy) {
        int width = rows.width();
        double[] y = new double[x.length];
        double[] inverseRms = new double[rows.count()];
        double[] dx = new double[x.length];
        double[] dWeight = new double[width];
        for (int row = 0; row < rows.count(); row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares = p.add(squares, x[row * width + i], x[row * width + i]);
            }
            double meanSquare = p.round(p.round(squares / width) + rows.epsilon());
            double r = p.round(1 / p.round(Math.sqrt(meanSquare)));
            inverseRms[row] = r;
            double dot = 0; // sum of dy (1 + w) x r
            for (int i = 0; i < width; i++) {
                double normed = p.round(x[row * width + i] * r);
                double gain = p.round(1 + weight[i]);
                y[row * width + i] = p.round(normed * gain);
                dWeight[i] = p.add(dWeight[i], dy[row * width + i], normed);
                dot = p.add(dot, p.round(dy[row * width + i] * gain), normed);
            }
            double mean = p.round(dot / width);
            for (int i = 0; i < width; i++) {
                double scaled = p.round(dy[row * width + i] * p.round(1 + weight[i]));
                double along = p.round(p.round(x[row * width + i] * r) * mean);
                dx[row * width + i] = p.round(r * p.round(scaled - along));
            }
        }
        return new RmsNormFormula(y, inverseRms, dx, dWeight);
    }
}
