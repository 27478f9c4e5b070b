package dev.lethe.engine.contract;

/// `loss = scale sum (x - target)^2` over unmasked rows, and `dx = dLoss 2 scale (x - target)`.
record MeanSquareFormula(double loss, double[] dx) {
    record Inputs(int width, double[] x, double[] target, int[] mask) {}

    static MeanSquareFormula of(Precision p, Inputs in, double scale, double dLoss) {
        double[] dx = new double[in.x.length];
        double sum = 0;
        for (int i = 0; i < dx.length; i++) {
            if (in.mask[i / in.width] != 0) {
                double difference = p.round(in.x[i] - in.target[i % in.target.length]);
                sum = p.add(sum, difference, difference);
                dx[i] = p.round(p.round(dLoss * p.round(2 * scale)) * difference);
            }
        }
        return new MeanSquareFormula(p.round(p.round(scale) * sum), dx);
    }
}
