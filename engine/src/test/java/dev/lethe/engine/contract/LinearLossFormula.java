package dev.lethe.engine.contract;

/// Losses of `logits = cap tanh(hidden weight^T / cap)`, the gradient of the logits written out:
/// `p - onehot` for cross-entropy, `p - p_teacher` for the forward KL, `p - 1/V` for uniform KL.
record LinearLossFormula(double loss, double[] dHidden, double[] dWeight, double size) {
    /// As [dev.lethe.engine.backend.LinearLossKernels.Head], with the numbers themselves.
    record Head(
            int rows, int width, int vocabulary, double softCap, double[] hidden, double[] weight) {
        /// Logits `[rows, vocabulary]`.
        double[] logits(Precision p) {
            double[] logits = new double[rows * vocabulary];
            for (int i = 0; i < logits.length; i++) {
                double dot = 0;
                for (int e = 0; e < width; e++) {
                    int h = i / vocabulary * width + e;
                    dot = p.add(dot, hidden[h], weight[i % vocabulary * width + e]);
                }
                double capped = softCap * p.round(Math.tanh(p.round(dot / softCap)));
                logits[i] = softCap > 0 ? p.round(capped) : dot;
            }
            return logits;
        }
    }

    /// Loss of one row and its gradient, from the log-probabilities.
    interface RowLoss {
        /// Writes the gradient of the logits into `gradient` and returns the loss, both unscaled.
        double of(int row, double[] logProbabilities, double[] gradient);
    }

    static LinearLossFormula crossEntropy(Precision p, Head head, int[] targets, double scale) {
        return of(
                p,
                head,
                scale,
                (row, logP, gradient) -> {
                    if (targets[row] < 0) {
                        return 0;
                    }
                    for (int v = 0; v < logP.length; v++) {
                        gradient[v] = p.round(Math.exp(logP[v]));
                    }
                    gradient[targets[row]] = p.round(gradient[targets[row]] - 1);
                    return -logP[targets[row]];
                });
    }

    static LinearLossFormula kl(
            Precision p, Head student, Head teacher, int[] mask, double scale) {
        double[] teacherLogits = teacher.logits(p);
        return of(
                p,
                student,
                scale,
                (row, logP, gradient) -> {
                    if (mask[row] == 0) {
                        return 0;
                    }
                    double[] logQ = logSoftmax(p, teacherLogits, row, logP.length);
                    double loss = 0;
                    for (int v = 0; v < logP.length; v++) {
                        double q = p.round(Math.exp(logQ[v]));
                        loss = p.add(loss, q, p.round(logQ[v] - logP[v]));
                        gradient[v] = p.round(p.round(Math.exp(logP[v])) - q);
                    }
                    return loss;
                });
    }

    static LinearLossFormula uniformKl(Precision p, Head head, int[] mask, double scale) {
        return of(
                p,
                head,
                scale,
                (row, logP, gradient) -> {
                    if (mask[row] == 0) {
                        return 0;
                    }
                    double sum = 0;
                    for (int v = 0; v < logP.length; v++) {
                        sum = p.round(sum + logP[v]);
                        gradient[v] = p.round(p.round(Math.exp(logP[v])) - 1.0 / logP.length);
                    }
                    return p.round(-Math.log(logP.length) - p.round(sum / logP.length));
                });
    }

    private static LinearLossFormula of(Precision p, Head head, double scale, RowLoss rowLoss) {
        int vocabulary = head.vocabulary;
        double[] logits = head.logits(p);
        double[] dHidden = new double[head.hidden.length];
        double[] dWeight = new double[head.weight.length];
        double loss = 0;
        double size = 0; // of what the loss is summed from: logarithms of about this many units
        for (int row = 0; row < head.rows; row++) {
            double[] gradient = new double[vocabulary];
            double[] logP = logSoftmax(p, logits, row, vocabulary);
            double one = rowLoss.of(row, logP, gradient);
            loss = p.add(loss, scale, one);
            size += Math.abs(scale) * (1 + Math.abs(one) + Math.log(vocabulary));
            for (int v = 0; v < vocabulary; v++) {
                double share = p.round(logits[row * vocabulary + v] / head.softCap);
                double slope = head.softCap > 0 ? p.round(1 - p.round(share * share)) : 1;
                double d = p.round(p.round(scale * gradient[v]) * slope);
                for (int e = 0; e < head.width; e++) {
                    int h = row * head.width + e;
                    int w = v * head.width + e;
                    dHidden[h] = p.add(dHidden[h], d, head.weight[w]);
                    dWeight[w] = p.add(dWeight[w], d, head.hidden[h]);
                }
            }
        }
        return new LinearLossFormula(loss, dHidden, dWeight, size);
    }

    private static double[] logSoftmax(Precision p, double[] logits, int row, int vocabulary) {
        double max = Double.NEGATIVE_INFINITY;
        for (int v = 0; v < vocabulary; v++) {
            max = Math.max(max, logits[row * vocabulary + v]);
        }
        double sum = 0;
        for (int v = 0; v < vocabulary; v++) {
            double centred = p.round(logits[row * vocabulary + v] - max);
            sum = p.round(sum + p.round(Math.exp(centred)));
        }
        double logSum = p.round(Math.log(sum));
        double[] logP = new double[vocabulary];
        for (int v = 0; v < vocabulary; v++) {
            logP[v] = p.round(p.round(logits[row * vocabulary + v] - max) - logSum);
        }
        return logP;
    }
}
