package dev.lethe.model.spectra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.GradDiff;
import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/// The whole Hessian of a model of 500 parameters, one exact product a column, and its spectrum by
/// another library.
///
/// @param values eigenvalues, descending
/// @param vectors one a value
record DenseHessian(double[][] rows, double[] values, double[][] vectors) {
    private static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(13)
                    .hiddenSize(4)
                    .intermediateSize(7)
                    .layers(3)
                    .heads(2)
                    .kvHeads(1)
                    .headDim(2)
                    .queryPreAttnScalar(2)
                    .attentionSoftCap(5)
                    .finalSoftCap(4)
                    .slidingWindow(3)
                    .maxPositions(16)
                    .initializerRange(0.5)
                    .build();

    /// One minimum and one maximum pulled at: both signs of eigenvalues.
    private static final StepBatch BATCH =
            StepBatch.forgetAndRetain(
                    Batch.shifted(
                            2, 5, new int[] {2, 9, 8, 7, 5, 2, 4, 11, 0, 0}, new int[] {5, 3}),
                    Batch.shifted(
                            2, 5, new int[] {2, 3, 12, 6, 1, 2, 10, 5, 9, 0}, new int[] {5, 4}));

    static final DenseHessian ONE = compute();

    /// A surface to take products of, as large as [#ONE].
    interface Use<T> {
        T with(LossSurface surface);
    }

    static <T> T onSurface(Use<T> use) {
        try (ReferenceBackend backend = new ReferenceBackend();
                Workers workers = new Workers(2);
                Gemma2 model = Gemma2.allocate(CONFIG, backend, DType.F64)) {
            Initialization.randomize(model, 5);
            Point point = new Point(model, new GradDiff(2), BATCH);
            try (LossSurface surface = LossSurface.of(point, workers)) {
                return use.with(surface);
            }
        }
    }

    private static DenseHessian compute() {
        assertEquals(500, CONFIG.parameterCount());
        double[][] h =
                onSurface(
                        surface -> {
                            int n = surface.coordinates().dimension();
                            double[][] columns = new double[n][];
                            for (int i = 0; i < n; i++) {
                                double[] unit = new double[n];
                                unit[i] = 1;
                                columns[i] = surface.hessianTimes(unit);
                            }
                            return columns;
                        });
        double asymmetry = 0;
        for (int i = 0; i < h.length; i++) {
            for (int j = 0; j < i; j++) {
                asymmetry = Math.max(asymmetry, Math.abs(h[i][j] - h[j][i]));
                double mean = (h[i][j] + h[j][i]) / 2;
                h[i][j] = mean;
                h[j][i] = mean;
            }
        }
        assertTrue(asymmetry < 1e-13, "a Hessian is symmetric, off by " + asymmetry);
        EigenDecomposition of = new EigenDecomposition(new Array2DRowRealMatrix(h));
        double[][] vectors = new double[h.length][];
        Arrays.setAll(vectors, i -> of.getEigenvector(i).toArray());
        return new DenseHessian(h, of.getRealEigenvalues(), vectors);
    }

    /// The same matrix as an operator, without a model behind it.
    SymmetricOperator operator() {
        return SymmetricOperator.of(
                rows.length,
                v -> {
                    double[] product = new double[v.length];
                    Arrays.setAll(product, i -> Vectors.dot(rows[i], v));
                    return product;
                });
    }

    double trace() {
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            sum += rows[i][i];
        }
        return sum;
    }
}
