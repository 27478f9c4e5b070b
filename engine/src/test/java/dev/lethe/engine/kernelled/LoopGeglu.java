package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.memory.Buffer;

record LoopGeglu(Doubles doubles) implements GegluKernels {
    private static final double ROOT = Math.sqrt(2 / Math.PI);

    @Override
    public void forward(Buffer gate, Buffer up, Buffer y) {
        double[] x = doubles.read(gate);
        double[] u = doubles.read(up);
        double[] out = new double[x.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = 0.5 * x[i] * (1 + bend(x[i])) * u[i];
        }
        doubles.write(y, out);
    }

    @Override
    public void backward(Buffer gate, Buffer up, Buffer dy, Buffer dGate, Buffer dUp) {
        double[] x = doubles.read(gate);
        double[] u = doubles.read(up);
        double[] g = doubles.read(dy);
        double[] ofGate = new double[x.length];
        double[] ofUp = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double t = bend(x[i]);
            double slope = ROOT * (1 + 3 * 0.044715 * x[i] * x[i]);
            ofGate[i] = g[i] * u[i] * ((1 + t) / 2 + x[i] / 2 * (1 - t * t) * slope);
            ofUp[i] = g[i] * 0.5 * x[i] * (1 + t);
        }
        doubles.write(dGate, ofGate);
        doubles.write(dUp, ofUp);
    }

    private static double bend(double x) {
        return Math.tanh(ROOT * (x + 0.044715 * x * x * x));
    }
}
