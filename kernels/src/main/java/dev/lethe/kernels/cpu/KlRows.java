package dev.lethe.kernels.cpu;

/// `sum q (log q - log p)`, q of the teacher; gradient `p - q`.
///
/// @param mask one a row; the row counts unless it is 0
/// @param q scratch: exponentials of the piece of the teacher's that was met last
/// @param differences scratch: `sum e^(t - shift) (t - y)` of the teacher's t, one F64 a row
record KlRows(
        OnlineSoftmax student,
        OnlineSoftmax teacher,
        long mask,
        float scale,
        long q,
        RowNumbers differences)
        implements RowLoss {
    @Override
    public boolean counts(int row) {
        return RowLoss.number(mask, row) != 0;
    }

    @Override
    public void clear(int rows) {
        student.clear(rows);
        teacher.clear(rows);
        differences.clear(rows);
    }

    @Override
    public void meet(int row, int first, int n, long z, long taught) {
        student.meet(row, n, z);
        double factor = teacher.raise(row, n, taught);
        teacher.add(row, factor, exponentials(row, n, taught));
        double more = RowLoops.dotDifference(n, q, taught, z);
        differences.set(row, factor * differences.get(row) + more);
    }

    @Override
    public double value(int row) {
        double logRatio = student.logSum(row) - teacher.logSum(row);
        return differences.get(row) / teacher.sum(row) + logRatio;
    }

    @Override
    public void differentiate(
            int row, int first, int n, long y, long taught, boolean justMet) {
        if (!justMet) {
            exponentials(row, n, taught);
        }
        float factor = (float) (scale / student.sum(row));
        float otherFactor = (float) (-scale / teacher.sum(row));
        LogitLoops.gradient(
                n, y, student.shift(row), factor, q, otherFactor, student.inner());
    }

    private float exponentials(int row, int n, long taught) {
        return RowLoops.exponentials(n, taught, teacher.shift(row), q);
    }
}
