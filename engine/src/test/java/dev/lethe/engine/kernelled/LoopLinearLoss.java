package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.memory.Buffer;

/// One row of logits at a time. Every head is `sum_v t_v (log t_v - log p_v)` for some distribution t,
/// so the gradient of the capped logits is `p - t`.
record LoopLinearLoss(Doubles doubles) implements LinearLossKernels {
    /// The distribution a row is compared with, or null where the row does not count.
    private interface Goal {
        double[] ofRow(int row);
    }

    @Override
    public void crossEntropy(
            Head head, Buffer targets, double scale, Buffer loss, Wanted wanted) {
        int[] ids = doubles.readInts(targets);
        run(
                head,
                row -> {
                    double[] goal = new double[head.vocabulary()];
                    if (ids[row] >= 0) {
                        goal[ids[row]] = 1;
                    }
                    return ids[row] < 0 ? null : goal;
                },
                scale,
                loss,
                wanted);
    }

    @Override
    public void kl(
            Head student, Head teacher, Buffer mask, double scale, Buffer loss, Wanted wanted) {
        int[] marks = doubles.readInts(mask);
        double[] hidden = doubles.read(teacher.hidden());
        double[] weight = doubles.read(teacher.weight());
        run(
                student,
                row -> marks[row] == 0 ? null : softmax(logits(teacher, hidden, weight, row)),
                scale,
                loss,
                wanted);
    }

    @Override
    public void uniformKl(Head head, Buffer mask, double scale, Buffer loss, Wanted wanted) {
        int[] marks = doubles.readInts(mask);
        double[] uniform = softmax(new double[head.vocabulary()]);
        run(head, row -> marks[row] == 0 ? null : uniform, scale, loss, wanted);
    }

    private void run(Head head, Goal goals, double scale, Buffer loss, Wanted wanted) {
        double[] hidden = doubles.read(head.hidden());
        double[] weight = doubles.read(head.weight());
        double[] dHidden = new double[hidden.length];
        double[] dWeight = new double[weight.length];
        double total = 0;
        for (int row = 0; row < head.rows(); row++) {
            double[] goal = goals.ofRow(row);
            if (goal == null) {
                continue;
            }
            double[] z = logits(head, hidden, weight, row);
            double[] p = softmax(z);
            for (int v = 0; v < p.length; v++) {
                total += goal[v] == 0 ? 0 : goal[v] * Math.log(goal[v] / p[v]);
                double slope = head.softCap() == 0 ? 1 : 1 - Math.pow(z[v] / head.softCap(), 2);
                double dz = scale * (p[v] - goal[v]) * slope;
                for (int i = 0; i < head.width(); i++) {
                    dHidden[row * head.width() + i] += dz * weight[v * head.width() + i];
                    dWeight[v * head.width() + i] += dz * hidden[row * head.width() + i];
                }
            }
        }
        doubles.write(loss, scale * total);
        doubles.write(wanted.dHidden(), dHidden);
        doubles.write(wanted.dWeight(), dWeight);
    }

    private static double[] logits(Head head, double[] hidden, double[] weight, int row) {
        double[] z = new double[head.vocabulary()];
        for (int v = 0; v < z.length; v++) {
            for (int i = 0; i < head.width(); i++) {
                z[v] += hidden[row * head.width() + i] * weight[v * head.width() + i];
            }
            z[v] = head.softCap() == 0 ? z[v] : head.softCap() * Math.tanh(z[v] / head.softCap());
        }
        return z;
    }

    private static double[] softmax(double[] z) {
        double[] p = new double[z.length];
        double sum = 0;
        for (double value : z) {
            sum += Math.exp(value);
        }
        for (int v = 0; v < z.length; v++) {
            p[v] = Math.exp(z[v]) / sum;
        }
        return p;
    }
}
