package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.memory.Buffer;

record LoopOptimizer(Doubles doubles) implements OptimizerKernels {
    @Override
    public void adamW(Update u, Buffer parameters, Buffer gradients, Buffer m, Buffer v) {
        double[] p = doubles.read(parameters);
        double[] g = doubles.read(gradients);
        double[] first = doubles.read(m);
        double[] second = doubles.read(v);
        for (int i = 0; i < p.length; i++) {
            double clipped = u.clip() * g[i];
            p[i] *= 1 - u.learningRate() * u.weightDecay();
            first[i] = u.beta1() * first[i] + (1 - u.beta1()) * clipped;
            second[i] = u.beta2() * second[i] + (1 - u.beta2()) * clipped * clipped;
            double root = Math.sqrt(second[i] / u.correction2());
            p[i] -= u.learningRate() * (first[i] / u.correction1()) / (root + u.epsilon());
        }
        doubles.write(parameters, p);
        doubles.write(m, first);
        doubles.write(v, second);
    }

    @Override
    public double squaredNorm(Buffer x) {
        double sum = 0;
        for (double value : doubles.read(x)) {
            sum += value * value;
        }
        return sum;
    }
}
