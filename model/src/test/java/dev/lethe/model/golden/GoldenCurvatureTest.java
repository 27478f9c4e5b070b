package dev.lethe.model.golden;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.NextToken;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// The Hessian of the cross-entropy times a vector, by differentiating twice, is the reference
/// code's.
class GoldenCurvatureTest {
    static final List<String> CASES = GoldenCase.NAMES;

    @ParameterizedTest
    @FieldSource("CASES")
    void hessianVectorProductInDoublePrecision(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64)) {
            check(golden, 1e-12);
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void hessianVectorProductInSinglePrecision(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F32)) {
            check(golden, 1e-4);
        }
    }

    private static void check(GoldenCase golden, double close) {
        NextToken objective = new NextToken();
        List<String> names = golden.parameters().names();
        List<Tensor> parameters = golden.parameters().get(names);
        try (TensorArena _ = golden.backend().openStep()) {
            Tensor loss =
                    objective
                            .terms(
                                    golden.model(),
                                    golden.batch(),
                                    objective.denominators(golden.batch()))
                            .total();
            Gradients gradients =
                    Autograd.gradients(loss, parameters, Autograd.Mode.DIFFERENTIABLE);
            Tensor slope = null; // gradient . v
            for (String parameter : names) {
                Tensor gradient = gradients.of(golden.parameters().get(parameter));
                Tensor along = sum(multiply(gradient, direction(golden, parameter)));
                slope = slope == null ? along : add(slope, along);
            }
            double gv = golden.expected("hvp", "gv").doubleValue();
            Agreement.assertScalar("gradient . v", close, gv, slope.item());

            Gradients products = Autograd.gradients(slope, parameters);
            double curvature = 0; // v . H v
            double squares = 0;
            for (String parameter : names) {
                double[] product = products.of(golden.parameters().get(parameter)).toDoubles();
                double[] expected = golden.file("hvp").toDoubles("hvp." + parameter);
                Agreement.assertTensor(parameter, close, expected, product);
                double[] v = golden.file("hvp").toDoubles("v." + parameter);
                for (int i = 0; i < v.length; i++) {
                    curvature += v[i] * product[i];
                    squares += product[i] * product[i];
                }
            }
            double vHv = golden.expected("hvp", "vHv").doubleValue();
            Agreement.assertScalar("v . H v", close, vHv, curvature);
            double norm = golden.expected("hvp", "hvp_norm").doubleValue();
            Agreement.assertScalar("|H v|", close, norm, Math.sqrt(squares));
        }
    }

    /// As a study takes it: cut into parts, summed over workers.
    @ParameterizedTest
    @FieldSource("CASES")
    void productOfALossSurface(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                Workers workers = new Workers(2);
                LossSurface surface =
                        LossSurface.of(
                                new ExactGradients.Point(
                                        golden.model(), new NextToken(), golden.batch()),
                                workers)) {
            Coordinates all = surface.coordinates();
            double[] v = new double[all.dimension()];
            double[] expected = new double[all.dimension()];
            all.spans()
                    .forEach(
                            (parameter, span) -> {
                                double[] part = golden.file("hvp").toDoubles("v." + parameter);
                                System.arraycopy(part, 0, v, span.from(), span.length());
                                part = golden.file("hvp").toDoubles("hvp." + parameter);
                                System.arraycopy(part, 0, expected, span.from(), span.length());
                            });
            Agreement.assertTensor("H v", 1e-12, expected, surface.hessianTimes(v));
        }
    }

    private static Tensor direction(GoldenCase golden, String parameter) {
        Tensor like = golden.parameters().get(parameter);
        double[] v = golden.file("hvp").toDoubles("v." + parameter);
        return Tensor.of(like.dtype(), like.shape(), v);
    }
}
