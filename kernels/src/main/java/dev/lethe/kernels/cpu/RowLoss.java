package dev.lethe.kernels.cpu;

/// A loss of rows of raw logits z, y being the capped ones, over what [LinearLossPass] hands it: of
/// each row that counts first every piece to [#meet], then every piece to [#differentiate].
///
/// A piece is n logits from column `first` on, at `z`, and at `taught` those of the teacher where
/// there is one.
interface RowLoss {
    /// Whether the row counts.
    boolean counts(int row);

    /// Forgets what was met of as many rows.
    void clear(int rows);

    /// Caps the piece in place and takes it in.
    void meet(int row, int first, int n, long z, long taught);

    /// The loss of a row that was met whole.
    double value(int row);

    /// Leaves `scale dLoss/dy (1 - (y/cap)^2)` in place of y.
    ///
    /// @param justMet whether this very piece was the last to [#meet]
    void differentiate(int row, int first, int n, long y, long taught, boolean justMet);

    /// Element `row` of the array of ints at `array`.
    static int number(long array, int row) {
        return HostMemory.i32(array + (long) row * Integer.BYTES);
    }
}
