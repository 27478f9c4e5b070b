package dev.lethe.engine.contract;

/// `y = gelu(gate) up` with the tanh form of GELU (Hendrycks and Gimpel 2016), and its gradient.
record GegluFormula(double[] y, double[] dGate, double[] dUp) {
    private static final double ROOT = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;

    static GegluFormula of(Precision p, double[] gate, double[] up, double[] dy) {
        GegluFormula out =
                new GegluFormula(
                        new double[gate.length], new double[gate.length], new double[gate.length]);
        double root = p.round(ROOT);
        double cubic = p.round(CUBIC);
        for (int i = 0; i < gate.length; i++) {
            double g = gate[i];
            double square = p.round(g * g);
            double inner = p.round(1 + p.round(cubic * square));
            double t = p.round(Math.tanh(p.round(root * p.round(g * inner))));
            double half = p.round(0.5 * p.round(1 + t));
            double gelu = p.round(g * half);
            double slope = p.round(root * p.round(1 + p.round(3 * cubic * square)));
            double bend = p.round(p.round(0.5 * g) * p.round(1 - p.round(t * t)));
            double derivative = p.round(half + p.round(bend * slope));
            out.y[i] = p.round(gelu * up[i]);
            out.dGate[i] = p.round(p.round(dy[i] * up[i]) * derivative);
            out.dUp[i] = p.round(dy[i] * gelu);
        }
        return out;
    }
}
