package dev.lethe.model.gradients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;

import org.junit.jupiter.api.Test;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

class ExactGradientsTest {
    private static final List<String> SELECTED =
            List.of("model.layers.0.mlp.up_proj.weight", "model.norm.weight");
    private static final StepBatch MAIN =
            StepBatch.main(
                    Batch.shifted(
                            3,
                            5,
                            new int[] {2, 9, 8, 7, 0, 2, 4, 0, 0, 0, 2, 5, 6, 5, 6},
                            new int[] {4, 2, 5}));

    private static Path golden() throws URISyntaxException {
        return Path.of(ExactGradientsTest.class.getResource("/golden/A_tiny").toURI());
    }

    /// The change of loss along a direction is `g v`, the change of `g v` is `v H v`.
    @Test
    void agreesWithDifferencesAlongADirection() throws Exception {
        try (var backend = new ReferenceBackend();
                Workers workers = new Workers(1);
                Gemma2 model = Gemma2Checkpoint.load(golden(), backend, DType.F64);
                Parameters v = ExactGradients.zeros(model, SELECTED)) {
            backend.elementwise().fill(0.01, v.flat());
            ExactGradients.Point point = new ExactGradients.Point(model, new NextToken(), MAIN);
            double h = 1e-3;
            double slope;
            double curvature;
            try (ExactGradients at = ExactGradients.along(point, v, workers)) {
                slope = dot(at.gradient(), v);
                curvature = dot(at.product().orElseThrow(), v);
            }
            move(model, v, h);
            double lossUp;
            double slopeUp;
            try (ExactGradients up = ExactGradients.of(point, SELECTED, workers)) {
                lossUp = up.loss();
                slopeUp = dot(up.gradient(), v);
            }
            move(model, v, -2 * h);
            try (ExactGradients down = ExactGradients.of(point, SELECTED, workers)) {
                assertEquals(slope, (lossUp - down.loss()) / (2 * h), 1e-7 * Math.abs(slope));
                assertEquals(
                        curvature,
                        (slopeUp - dot(down.gradient(), v)) / (2 * h),
                        1e-6 * Math.abs(curvature));
            }
        }
    }

    private static void move(Gemma2 model, Parameters v, double step) {
        var elementwise = model.parameters().backend().elementwise();
        try (Parameters scaled = v.copy()) {
            elementwise.affine(step, 0, v.flat(), scaled.flat());
            for (String name : v.names()) {
                elementwise.addTo(scaled.get(name).buffer(), model.parameters().get(name).buffer());
            }
            model.parameters().flat().markChanged();
        }
    }

    private static double dot(Parameters a, Parameters b) {
        double sum = 0;
        for (String name : a.names()) {
            double[] x = a.get(name).toDoubles();
            double[] y = b.get(name).toDoubles();
            for (int i = 0; i < x.length; i++) {
                sum += x[i] * y[i];
            }
        }
        return sum;
    }

    @Test
    void refusesWhatIsNotThere() throws Exception {
        try (var backend = new ReferenceBackend();
                Workers workers = new Workers(2);
                Gemma2 model = Gemma2Checkpoint.load(golden(), backend, DType.F64)) {
            Objective needsForget = new GradDiff(1);
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            ExactGradients.of(
                                    new ExactGradients.Point(model, needsForget, MAIN),
                                    SELECTED,
                                    workers));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ExactGradients.zeros(model, List.of("lm_head.weight")));
        }
    }
}
