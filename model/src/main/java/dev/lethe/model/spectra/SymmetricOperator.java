package dev.lethe.model.spectra;

import java.util.function.UnaryOperator;

/// A symmetric matrix that is known by its products alone.
public interface SymmetricOperator {
    int dimension();

    /// The matrix times v, in memory of its own.
    double[] times(double[] v);

    /// The operator that a function of vectors is.
    static SymmetricOperator of(int dimension, UnaryOperator<double[]> product) {
        return new SymmetricOperator() {
            @Override
            public int dimension() {
                return dimension;
            }

            @Override
            public double[] times(double[] v) {
                return product.apply(v);
            }
        };
    }
}
