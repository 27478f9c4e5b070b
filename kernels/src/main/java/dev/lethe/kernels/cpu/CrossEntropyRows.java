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
    public void differentiate(int row, int first, int n, long y, long taught) {
        softmax.exponentials(row, n, y);
        double sum = softmax.sum(row);
        LogitLoops.gradient(n, y, softmax.e(), (float) (scale / sum), 0, softmax.inner());
        int at = target(row) - first;
        if (at >= 0 && at < n) {
            double share = picked.get(row) * softmax.inner();
            double d = (F32.get(softmax.e(), at) / sum - 1) * scale * (1 - share * share);
            F32.set(y, at, (float) d);
        }
    }

    private int target(int row) {
        return RowLoss.number(targets, row);
    }
}
