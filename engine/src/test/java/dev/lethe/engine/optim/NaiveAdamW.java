package dev.lethe.engine.optim;

import dev.lethe.engine.optim.AdamW.Settings;

/// AdamW as one loop over doubles, in the words of Loshchilov and Hutter's algorithm 2.
final class NaiveAdamW {
    final double[] p;
    final double[] m;
    final double[] v;
    private final Settings settings;
    private final boolean[] trained;
    private int t;

    NaiveAdamW(Settings settings, double[] p, boolean[] trained) {
        this.settings = settings;
        this.p = p;
        this.trained = trained;
        m = new double[p.length];
        v = new double[p.length];
    }

    /// Returns the norm before clipping.
    double step(double learningRate, double[] gradient) {
        t++;
        double squares = 0;
        for (int i = 0; i < p.length; i++) {
            squares += trained[i] ? gradient[i] * gradient[i] : 0;
        }
        double norm = Math.sqrt(squares);
        boolean clips = norm + 1e-6 > settings.clipNorm();
        for (int i = 0; i < p.length; i++) {
            if (!trained[i]) {
                continue;
            }
            double g = clips ? gradient[i] * settings.clipNorm() / (norm + 1e-6) : gradient[i];
            m[i] = settings.beta1() * m[i] + (1 - settings.beta1()) * g;
            v[i] = settings.beta2() * v[i] + (1 - settings.beta2()) * g * g;
            double first = m[i] / (1 - Math.pow(settings.beta1(), t));
            double second = v[i] / (1 - Math.pow(settings.beta2(), t));
            p[i] -= learningRate * settings.weightDecay() * p[i];
            p[i] -= learningRate * first / (Math.sqrt(second) + settings.epsilon());
        }
        return norm;
    }
}
