package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.memory.Buffer;

record LoopRmsNorm(Doubles doubles) implements RmsNormKernels {
    @Override
    public void forward(Rows rows, Buffer x, Buffer weight, Buffer y, Buffer inverseRms) {
        double[] in = doubles.read(x);
        double[] w = doubles.read(weight);
        double[] out = new double[in.length];
        double[] r = new double[rows.count()];
        int width = rows.width();
        for (int row = 0; row < rows.count(); row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += in[row * width + i] * in[row * width + i];
            }
            r[row] = 1 / Math.sqrt(squares / width + rows.epsilon());
            for (int i = 0; i < width; i++) {
                out[row * width + i] = in[row * width + i] * r[row] * (1 + w[i]);
            }
        }
        doubles.write(y, out);
        doubles.write(inverseRms, r);
    }

    @Override
    public void backward(Rows rows, Saved saved, Buffer dy, Buffer dx, Buffer dWeight) {
        double[] x = doubles.read(saved.x());
        double[] w = doubles.read(saved.weight());
        double[] r = doubles.read(saved.inverseRms());
        double[] g = doubles.read(dy);
        double[] ofX = new double[x.length];
        double[] ofW = new double[w.length];
        int width = rows.width();
        for (int row = 0; row < rows.count(); row++) {
            double mean = 0;
            for (int i = 0; i < width; i++) {
                int at = row * width + i;
                mean += g[at] * (1 + w[i]) * x[at] / width;
                ofW[i] += g[at] * x[at] * r[row];
            }
            for (int i = 0; i < width; i++) {
                int at = row * width + i;
                ofX[at] = r[row] * g[at] * (1 + w[i]) - x[at] * Math.pow(r[row], 3) * mean;
            }
        }
        doubles.write(dx, ofX);
        doubles.write(dWeight, ofW);
    }
}
