package dev.lethe.model.gradients;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.PlainMmd;
import java.util.Arrays;

/// RepNoise's mean discrepancy between MLP outputs and normal numbers as a function of the outputs,
/// in plain loops, with widths that can be held fixed.
final class PlainNoise {
    private final int layers;
    private final int rows;
    private final double[] noise; // of all layers, one after another, padding 0
    private final boolean[] counts;

    PlainNoise(Gemma2 model, Batch forget, int[] lengths, long seed, long step) {
        this.layers = model.config().layers();
        this.rows = forget.rows();
        int hidden = model.config().hiddenSize();
        int ofLayer = forget.ids().length * hidden;
        PhiloxStream draws =
                new PhiloxStream(seed, Purpose.REPRESENTATION_NOISE, Math.toIntExact(step));
        this.noise = new double[layers * ofLayer];
        this.counts = new boolean[ofLayer];
        for (int i = 0; i < noise.length; i++) {
            int position = i % ofLayer / hidden;
            counts[i % ofLayer] = position % forget.tokens() < lengths[position / forget.tokens()];
            noise[i] = counts[i % ofLayer] ? draws.normal(i) : 0;
        }
    }

    private double[] layer(double[] outputs, int layer) {
        int from = layer * counts.length;
        double[] of = Arrays.copyOfRange(outputs, from, from + counts.length);
        for (int i = 0; i < of.length; i++) {
            of[i] = counts[i] ? of[i] : 0;
        }
        return of;
    }

    double[] widths(double[] outputs) {
        double[] widths = new double[layers];
        Arrays.setAll(
                widths,
                layer -> PlainMmd.width(rows, layer(outputs, layer), layer(noise, layer)));
        return widths;
    }

    double distance(double[] outputs, double[] widths) {
        double sum = 0;
        for (int layer = 0; layer < layers; layer++) {
            double[] x = layer(outputs, layer);
            sum += PlainMmd.between(rows, x, layer(noise, layer), widths[layer]);
        }
        return sum / layers;
    }
}
