package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// One update of a flat buffer: the gradient's norm, clipping, moments, weights.
public class AdamWBenchmark extends Measured {
    private static final double RATE = 1e-3;
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.9, 0.999, 1e-8, 0.1, 1);
    private static final int CHECKED_STEPS = 3;

    /// Parameters: those of S, of M, and two odd numbers.
    @Param({"1025152", "10491200", "1021", "1000003"})
    int count;

    private Workers workers;
    private Parameters weights;
    private Parameters gradients;
    private AdamW optimizer;

    @Override
    protected void prepare() {
        workers = new Workers(1);
        weights =
                Parameters.allocate(
                        backend, DType.F32, List.of(new Parameters.Spec("w", Shape.of(count))));
        gradients = weights.zerosLike();
        fill(weights, 0);
        fill(gradients, 1);
        optimizer = new AdamW(weights, List.of("w"), SETTINGS);
        double[] expected = expected();
        for (int i = 0; i < CHECKED_STEPS; i++) {
            optimizer.step(RATE, gradients, workers);
        }
        Operation.requireClose("adamW", expected, weights.get("w").toDoubles(), 1e-6);
    }

    private void fill(Parameters parameters, int stream) {
        backend.random()
                .fill(
                        new PhiloxStream(1, Purpose.PROBE, stream),
                        0,
                        Distribution.Normal.STANDARD,
                        parameters.get("w").buffer());
        parameters.flat().markChanged();
    }

    /// The first steps in F64 (Loshchilov and Hutter 2019, algorithm 2).
    private double[] expected() {
        double[] p = weights.get("w").toDoubles();
        double[] g = gradients.get("w").toDoubles();
        double[] m = new double[count];
        double[] v = new double[count];
        double squares = 0;
        for (double x : g) {
            squares += x * x;
        }
        double clip = Math.min(1, SETTINGS.clipNorm() / (Math.sqrt(squares) + 1e-6));
        for (int t = 1; t <= CHECKED_STEPS; t++) {
            double c1 = 1 - Math.pow(SETTINGS.beta1(), t);
            double c2 = 1 - Math.pow(SETTINGS.beta2(), t);
            for (int i = 0; i < count; i++) {
                double x = clip * g[i];
                m[i] = SETTINGS.beta1() * m[i] + (1 - SETTINGS.beta1()) * x;
                v[i] = SETTINGS.beta2() * v[i] + (1 - SETTINGS.beta2()) * x * x;
                p[i] -= RATE * SETTINGS.weightDecay() * p[i];
                p[i] -= RATE * (m[i] / c1) / (Math.sqrt(v[i] / c2) + SETTINGS.epsilon());
            }
        }
        return p;
    }

    /// One update.
    @Benchmark
    public double step(Counters counters) {
        double norm = optimizer.step(RATE, gradients, workers);
        counters.add(Work.of(17.0 * count, 32.0 * count));
        finish();
        return norm;
    }

    @Override
    protected void release() {
        optimizer.close();
        gradients.close();
        weights.close();
        workers.close();
    }
}
