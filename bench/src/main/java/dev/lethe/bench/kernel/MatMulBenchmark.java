package dev.lethe.bench.kernel;

import static dev.lethe.engine.autograd.MatMul.matMul;

import dev.lethe.bench.results.Work;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/// Products of matrices by OpenBLAS, one thread. Backward is both gradients: two products of the
/// same size in other forms.
public class MatMulBenchmark extends OpGradientBenchmark {
    private static final int CHECKED_ROWS = 48;

    /// `m x n x k`: the MLP of a micro-batch of S and of M, the head of M, and two odd ones.
    @Param({"512x512x128", "512x1280x320", "512x2048x320", "129x67x33", "1021x509x77"})
    String shape;

    /// Whether a or b is stored transposed: NT is a linear layer, TN its weight gradient.
    @Param({"NN", "NT", "TN"})
    String form;

    @Override
    Operation operation() {
        int[] mnk = dims(shape);
        return of(mnk[0], mnk[1], mnk[2]);
    }

    @Override
    Operation small() {
        int[] mnk = dims(shape);
        return of(Math.min(mnk[0], CHECKED_ROWS), mnk[1], mnk[2]);
    }

    private Operation of(int m, int n, int k) {
        boolean ta = form.charAt(0) == 'T';
        boolean tb = form.charAt(1) == 'T';
        Input a = ta ? Input.normal(1, k, m) : Input.normal(1, m, k);
        Input b = tb ? Input.normal(1, n, k) : Input.normal(1, k, n);
        double flops = 2.0 * m * n * k;
        double bytes = 4.0 * ((double) m * k + (double) k * n + (double) m * n);
        return new Operation(
                List.of(a, b),
                in -> matMul(in[0], in[1], ta, tb),
                Work.of(flops, bytes),
                Work.of(2 * flops, 2 * bytes));
    }
}
