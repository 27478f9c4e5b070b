package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.memory.Buffer;

/// One query at a time; keys out of sight are never touched.
record LoopAttention(Doubles doubles) implements AttentionKernels {
    @Override
    public void forward(Heads h, Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp) {
        double[] queries = doubles.read(q);
        double[] keys = doubles.read(k);
        double[] values = doubles.read(v);
        double[] out = new double[queries.length];
        double[] lse = new double[h.batch() * h.heads() * h.queries()];
        for (int row = 0; row < lse.length; row++) {
            Query query = new Query(h, row);
            double sum = 0;
            for (int j = query.first(); j <= query.position(); j++) {
                sum += Math.exp(query.score(queries, keys, j));
            }
            lse[row] = Math.log(sum);
            for (int j = query.first(); j <= query.position(); j++) {
                double p = Math.exp(query.score(queries, keys, j) - lse[row]);
                for (int d = 0; d < h.headDim(); d++) {
                    out[query.offset() + d] += p * values[query.key(j) + d];
                }
            }
        }
        doubles.write(output, out);
        doubles.write(logSumExp, lse);
    }

    @Override
    public void backward(Heads h, Saved saved, Buffer dOutput, Buffer dq, Buffer dk, Buffer dv) {
        double[] queries = doubles.read(saved.q());
        double[] keys = doubles.read(saved.k());
        double[] values = doubles.read(saved.v());
        double[] out = doubles.read(saved.output());
        double[] lse = doubles.read(saved.logSumExp());
        double[] g = doubles.read(dOutput);
        double[] ofQ = new double[queries.length];
        double[] ofK = new double[keys.length];
        double[] ofV = new double[values.length];
        for (int row = 0; row < lse.length; row++) {
            Query query = new Query(h, row);
            int at = query.offset();
            double mean = dot(g, at, out, at, h.headDim());
            for (int j = query.first(); j <= query.position(); j++) {
                double s = query.score(queries, keys, j);
                double p = Math.exp(s - lse[row]);
                double ds = p * (dot(g, at, values, query.key(j), h.headDim()) - mean);
                ds *= h.softCap() == 0 ? 1 : 1 - Math.pow(s / h.softCap(), 2);
                for (int d = 0; d < h.headDim(); d++) {
                    ofV[query.key(j) + d] += p * g[at + d];
                    ofQ[at + d] += h.scale() * ds * keys[query.key(j) + d];
                    ofK[query.key(j) + d] += h.scale() * ds * queries[at + d];
                }
            }
        }
        doubles.write(dq, ofQ);
        doubles.write(dk, ofK);
        doubles.write(dv, ofV);
    }

    private static double dot(double[] x, int xAt, double[] y, int yAt, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += x[xAt + i] * y[yAt + i];
        }
        return sum;
    }

    /// Row `row` of `[B,H,Tq]`: where its vectors lie and which keys it sees.
    private record Query(Heads h, int batch, int head, int index) {
        Query(Heads h, int row) {
            this(
                    h,
                    row / (h.heads() * h.queries()),
                    row / h.queries() % h.heads(),
                    row % h.queries());
        }

        int position() {
            return h.keys() - h.queries() + index;
        }

        int first() {
            return h.window() > position() ? 0 : position() - h.window() + 1;
        }

        int offset() {
            return ((batch * h.queries() + index) * h.heads() + head) * h.headDim();
        }

        int key(int j) {
            int kvHead = head / (h.heads() / h.kvHeads());
            return ((batch * h.keys() + j) * h.kvHeads() + kvHead) * h.headDim();
        }

        double score(double[] queries, double[] keys, int j) {
            double s = h.scale() * dot(queries, offset(), keys, key(j), h.headDim());
            return h.softCap() == 0 ? s : h.softCap() * Math.tanh(s / h.softCap());
        }
    }
}
