package dev.lethe.engine.contract;

import dev.lethe.engine.backend.AttentionKernels.Heads;

/// Attention with grouped key heads, a causal window and a soft-cap of scores (Gemma 2, arXiv
/// 2408.00118), and its gradient.
record AttentionFormula(
        double[] output, double[] logSumExp, double[] dq, double[] dk, double[] dv) {
    record Inputs(double[] q, double[] k, double[] v, double[] dOutput) {}

    static AttentionFormula of(Precision p, Heads heads, Inputs in) {
        AttentionFormula out =
                new AttentionFormula(
                        new double[in.q.length],
                        new double[heads.batch() * heads.heads() * heads.queries()],
                        new double[in.q.length],
                        new double[in.k.length],
                        new double[in.v.length]);
        for (int b = 0; b < heads.batch(); b++) {
            for (int h = 0; h < heads.heads(); h++) {
                for (int i = 0; i < heads.queries(); i++) {
                    out.query(p, heads, in, new Query(b, h, i));
                }
            }
        }
        return out;
    }

    private record Query(int b, int h, int i) {
        int start(Heads heads) {
            return ((b * heads.queries() + i) * heads.heads() + h) * heads.headDim();
        }

        int keyStart(Heads heads, int j) {
            int kvHead = h / (heads.heads() / heads.kvHeads());
            return ((b * heads.keys() + j) * heads.kvHeads() + kvHead) * heads.headDim();
        }
    }

    private void query(Precision p, Heads heads, Inputs in, Query query) {
        int d = heads.headDim();
        int from = query.start(heads);
        int position = heads.keys() - heads.queries() + query.i;
        int first = Math.max(0, position - heads.window() + 1);
        double[] scores = new double[position + 1]; // capped
        double max = Double.NEGATIVE_INFINITY;
        for (int j = first; j <= position; j++) {
            double dot = dot(p, in.q, from, in.k, query.keyStart(heads, j), d);
            double score = p.round(heads.scale() * dot);
            if (heads.softCap() > 0) {
                double share = p.round(score / heads.softCap());
                score = p.round(heads.softCap() * p.round(Math.tanh(share)));
            }
            scores[j] = score;
            max = Math.max(max, score);
        }
        double[] powers = new double[position + 1];
        double sum = 0;
        for (int j = first; j <= position; j++) {
            powers[j] = p.round(Math.exp(p.round(scores[j] - max)));
            sum = p.round(sum + powers[j]);
        }
        for (int j = first; j <= position; j++) {
            int key = query.keyStart(heads, j);
            for (int e = 0; e < d; e++) {
                output[from + e] = p.add(output[from + e], p.round(powers[j] / sum), in.v[key + e]);
            }
        }
        double lse = p.round(max + p.round(Math.log(sum)));
        int row = (query.b * heads.heads() + query.h) * heads.queries() + query.i;
        logSumExp[row] = lse;
        double[] probabilities = new double[position + 1]; // again, as the backward pass has them
        for (int j = first; j <= position; j++) {
            probabilities[j] = p.round(Math.exp(p.round(scores[j] - lse)));
        }
        double delta = dot(p, in.dOutput, from, output, from, d); // sum_j P_j dP_j
        for (int j = first; j <= position; j++) {
            int key = query.keyStart(heads, j);
            double dp = dot(p, in.dOutput, from, in.v, key, d);
            double ds = p.round(probabilities[j] * p.round(dp - delta));
            if (heads.softCap() > 0) {
                double share = p.round(scores[j] / heads.softCap());
                ds = p.round(ds * p.round(1 - p.round(share * share)));
            }
            ds = p.round(heads.scale() * ds);
            for (int e = 0; e < d; e++) {
                dq[from + e] = p.add(dq[from + e], ds, in.k[key + e]);
                dk[key + e] = p.add(dk[key + e], ds, in.q[from + e]);
                dv[key + e] = p.add(dv[key + e], probabilities[j], in.dOutput[from + e]);
            }
        }
    }

    private static double dot(
            Precision p, double[] a, int fromA, double[] b, int fromB, int count) {
        double sum = 0;
        for (int e = 0; e < count; e++) {
            sum = p.add(sum, a[fromA + e], b[fromB + e]);
        }
        return sum;
    }
}
