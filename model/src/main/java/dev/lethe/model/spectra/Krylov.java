package dev.lethe.model.spectra;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.EigenDecomposition;

/// The Lanczos process with full reorthogonalisation (Golub and Van Loan, section 10.3): an
/// orthonormal basis `v_1, v_2, ...` in which the operator is tridiagonal, with `alpha_i` on the
/// diagonal and `beta_i` beside it. Each new vector is made orthogonal to all others twice, so that
/// no copies of converged eigenvalues appear.
final class Krylov {
    private static final double EPSILON = Math.ulp(1.0);

    private final SymmetricOperator operator;
    private final List<double[]> basis = new ArrayList<>();
    private final List<Double> alpha = new ArrayList<>();
    private final List<Double> beta = new ArrayList<>();
    private double scale; // of the operator, as seen so far
    private double[] next;

    /// @param start any vector but zero
    Krylov(SymmetricOperator operator, double[] start) {
        this.operator = operator;
        next = Vectors.scaled(1 / Vectors.norm(start), start);
    }

    /// One product. Not once [#ended].
    void extend() {
        double[] v = next;
        int step = basis.size() + 1;
        double[] w = operator.times(v);
        double a = Vectors.dot(v, w);
        if (!Double.isFinite(a)) {
            throw new IllegalStateException(
                    "lanczos: product %d is not finite (v A v is %s); check the weights, or use F64"
                            .formatted(step, a));
        }
        basis.add(v);
        alpha.add(a);
        orthogonalize(w);
        double b = Vectors.norm(w);
        scale = Math.max(scale, Math.abs(a) + b);
        if (b <= 10 * EPSILON * Math.sqrt(w.length) * scale || step == operator.dimension()) {
            beta.add(0.0);
            next = null;
        } else {
            beta.add(b);
            next = Vectors.scaled(1 / b, w);
        }
    }

    /// Whether the basis spans a space that the operator does not leave: all its eigenvalues there
    /// are found.
    boolean ended() {
        return next == null;
    }

    /// Whether there is no direction left at all.
    boolean exhausted() {
        return basis.size() == operator.dimension();
    }

    /// Goes on, after the end, from another direction, made orthogonal to the basis.
    void restart(double[] direction) {
        double[] w = direction.clone();
        orthogonalize(w);
        next = Vectors.scaled(1 / Vectors.norm(w), w);
    }

    private void orthogonalize(double[] w) {
        for (int pass = 0; pass < 2; pass++) {
            for (double[] v : basis) {
                Vectors.addTo(-Vectors.dot(v, w), v, w);
            }
        }
    }

    int steps() {
        return basis.size();
    }

    /// `beta` of the last step: by it the residual of each Ritz pair is
    /// `beta |last element of the eigenvector of T|`.
    double lastBeta() {
        return beta.getLast();
    }

    /// Eigenvalues and eigenvectors of the leading tridiagonal matrix of `size` steps.
    EigenDecomposition ritz(int size) {
        double[] diagonal = array(alpha, size);
        return new EigenDecomposition(diagonal, array(beta, size - 1));
    }

    private static double[] array(List<Double> values, int size) {
        return values.subList(0, size).stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// `sum_j s_j v_j`, of unit length for s of unit length.
    double[] combine(double[] s) {
        double[] y = new double[operator.dimension()];
        for (int j = 0; j < s.length; j++) {
            Vectors.addTo(s[j], basis.get(j), y);
        }
        return y;
    }
}
