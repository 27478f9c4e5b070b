package dev.lethe.engine.reference;

import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.memory.Buffer;

/// Row by row: maximum, sum of exponentials by index, result.
///
/// A row that holds NaN or positive infinity, or negative infinity alone, becomes NaN throughout.
final class ReferenceSoftmax implements SoftmaxKernels {
    @Override
    public void softmax(int width, Buffer x, Buffer y) {
        run("softmax", width, x, y);
    }

    @Override
    public void logSoftmax(int width, Buffer x, Buffer y) {
        run("logSoftmax", width, x, y);
    }

    private static void run(String name, int width, Buffer x, Buffer y) {
        if (width < 1 || x.length() % width != 0) {
            throw new IllegalArgumentException(
                    "%s: x must be whole rows of at least 1 element, got %d elements and width %d"
                            .formatted(name, x.length(), width));
        }
        boolean log = name.equals("logSoftmax");
        Cells in = Cells.of(name + ": x", x);
        Cells out = Cells.of(name + ": y", y, x.dtype(), x.length());
        for (long row = 0; row < x.length(); row += width) {
            double max = Double.NEGATIVE_INFINITY;
            for (long i = row; i < row + width; i++) {
                max = Math.max(max, in.get(i));
            }
            double sum = 0;
            for (long i = row; i < row + width; i++) {
                sum = out.round(sum + exp(out, in.get(i) - max));
            }
            double logSum = out.round(Math.log(sum));
            for (long i = row; i < row + width; i++) {
                double centred = out.round(in.get(i) - max);
                out.set(i, log ? centred - logSum : exp(out, centred) / sum);
            }
        }
    }

    private static double exp(Cells cells, double x) {
        return cells.round(Math.exp(cells.round(x)));
    }
}
