package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Cast.cast;
import static dev.lethe.engine.autograd.Divide.divide;
import static dev.lethe.engine.autograd.Exp.exp;
import static dev.lethe.engine.autograd.MatMul.matMul;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.ScaledBy.scaledBy;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;

/// Squared maximum mean discrepancy of two samples (Gretton et al. 2012, equation 5, the biased
/// estimate) under a sum of five Gaussian kernels: `mean over pairs of k(x,x) + k(y,y) - 2 k(x,y)`
/// with `k = sum over m in {1,2,4,8,16} of exp(-|.|^2 / (m w))`.
///
/// The width w is a quarter of the mean squared distance of two different rows of both samples
/// together, and a constant to differentiation, as in RepNoise's reference code.
final class MultiKernelMmd {
    private static final int KERNELS = 5;
    private static final double CENTRE = 4; // the middle one of the five has the mean distance

    private MultiKernelMmd() {}

    /// @param x `[B,K]`
    /// @param y `[B,K]`
    /// @return scalar, 0 for equal samples
    static Tensor between(Tensor x, Tensor y) {
        if (x.shape().rank() != 2 || !x.shape().equals(y.shape())) {
            throw new IllegalArgumentException(
                    "mmd: expected two samples [B,K] of one shape, got %s and %s".formatted(x, y));
        }
        double rows = x.shape().dim(0);
        Tensor xx = squaredDistances(x, x); // [B,B]
        Tensor yy = squaredDistances(y, y); // [B,B]
        Tensor xy = squaredDistances(x, y); // [B,B]
        Tensor width = Recording.off(() -> width(xx, yy, xy));
        Tensor within = add(kernels(xx, width), kernels(yy, width)); // [B,B]
        Tensor across = scale(kernels(xy, width), 2); // [B,B]
        return scale(sum(subtract(within, across)), 1 / (rows * rows));
    }

    /// w, an F64 that the host need not wait for.
    private static Tensor width(Tensor xx, Tensor yy, Tensor xy) {
        double rows = xx.shape().dim(0);
        Tensor all = add(add(wideSum(xx), wideSum(yy)), scale(wideSum(xy), 2));
        Tensor mean = divide(all, number(2 * rows * (2 * rows - 1)));
        return divide(mean, number(CENTRE));
    }

    private static Tensor wideSum(Tensor x) {
        return cast(sum(x), DType.F64);
    }

    private static Tensor number(double value) {
        return Tensor.filled(DType.F64, Shape.scalar(), value);
    }

    /// `|a_i|^2 + |b_j|^2 - 2 a_i b_j`: one matrix product instead of a difference for each pair.
    private static Tensor squaredDistances(Tensor a, Tensor b) {
        Tensor ofRows = sum(multiply(a, a), 1); // [B,1]
        Tensor ofColumns =
                reshape(sum(multiply(b, b), 1), Shape.of(1, b.shape().dim(0))); // [1,B]
        Tensor products = matMul(a, b, false, true); // [B,B]
        return add(add(ofRows, ofColumns), affine(products, -2, 0));
    }

    private static Tensor kernels(Tensor distances, Tensor width) {
        Tensor total = null;
        for (int i = 0; i < KERNELS; i++) {
            int multiple = 1 << i;
            Tensor factor =
                    Recording.off(
                            () ->
                                    cast(
                                            divide(number(-1), scale(width, multiple)),
                                            distances.dtype()));
            Tensor kernel = exp(scaledBy(distances, factor));
            total = total == null ? kernel : add(total, kernel);
        }
        return total;
    }
}
