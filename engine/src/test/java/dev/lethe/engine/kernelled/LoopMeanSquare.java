package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.memory.Buffer;

record LoopMeanSquare(Doubles doubles) implements MeanSquareKernels {
    @Override
    public void forward(
            int width, Buffer x, Buffer target, Buffer mask, double scale, Buffer loss) {
        double total = 0;
        for (double difference : differences(new Saved(width, x, target, mask))) {
            total += difference * difference;
        }
        doubles.write(loss, scale * total);
    }

    @Override
    public void backward(Saved saved, double scale, Buffer dLoss, Buffer dx) {
        double[] ofX = differences(saved);
        double g = doubles.read(dLoss)[0];
        for (int i = 0; i < ofX.length; i++) {
            ofX[i] *= 2 * scale * g;
        }
        doubles.write(dx, ofX);
    }

    private double[] differences(Saved saved) {
        double[] x = doubles.read(saved.x());
        double[] target = doubles.read(saved.target());
        int[] marks = doubles.readInts(saved.mask());
        double[] differences = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            if (marks[i / saved.width()] != 0) {
                differences[i] = x[i] - target[i % target.length];
            }
        }
        return differences;
    }
}
