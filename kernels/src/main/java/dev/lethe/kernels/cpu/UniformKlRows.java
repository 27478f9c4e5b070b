package dev.lethe.kernels.cpu;

/// `-log V - mean(y) + log sum e^y`; gradient `p - 1/V`.
///
/// @param mask one a row; the row counts unless it is 0
/// @param sums scratch: of the row's y, one F64 a row
record UniformKlRows(
        int vocabulary, OnlineSoftmax softmax, long mask, float scale, RowNumbers sums)
        implements RowLoss {
    @Override
    public boolean counts(int row) {
        return RowLoss.number(mask, row) != 0;
    }

    @Override
    public void clear(int rows) {
        softmax.clear(rows);
        sums.clear(rows);
    }

    @Override
    public void meet(int row, int first, int n, long z, long taught) {
        softmax.meet(row, n, z);
        sums.set(row, sums.get(row) + RowLoops.sum(n, z));
    }

    @Override
    public double value(int row) {
        return softmax.logSum(row) - sums.get(row) / vocabulary - StrictMath.log(vocabulary);
    }

    @Override
    public void differentiate(
            int row, int first, int n, long y, long taught, boolean justMet) {
        float factor = (float) (scale / softmax.sum(row));
        LogitLoops.gradient(
                n, y, softmax.shift(row), factor, -scale / vocabulary, softmax.inner());
    }
}
