package dev.lethe.kernels.cpu;

/// `log sum e^y - y[target]`; gradient `p - onehot`.
///
/// @param targets one a row; the row counts unless it is negative
/// @param picked scratch: y[target], one F64 a row
record CrossEntropyRows(OnlineSoftmax softmax, long targets, float scale, RowNumbers picked)
        implements RowLoss {
    @Override
    public boolean counts(int row) {
        return target(row) >= 0;
    }

    @Override
    public void clear(int rows) {
        softmax.clear(rows);
    }

    @Override
    public void meet(int row, int first, int n, long z, long taught) {
        softmax.meet(row, n, z);
        int at = target(row) - first;
        if (at >= 0 && at < n) {
            picked.set(row, F32.get(z, at));
        }
    }

    @Override
    public double value(int row) {
        return softmax.logSum(row) - picked.get(row);
    }

    @Override
    public void differentiate(
            int row, int first, int n, long y, long taught, boolean justMet) {
        float factor = (float) (scale / softmax.sum(row));
        float inner = softmax.inner();
        LogitLoops.gradient(n, y, softmax.shift(row), factor, 0, inner);
        int at = target(row) - first;
        if (at >= 0 && at < n) {
            float share = (float) picked.get(row) * inner;
            F32.set(y, at, F32.get(y, at) - scale * (1 - share * share));
        }
    }

    private int target(int row) {
        return RowLoss.number(targets, row);
    }
}
