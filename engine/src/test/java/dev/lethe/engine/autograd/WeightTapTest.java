package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Gather.gather;
import static dev.lethe.engine.autograd.MatMul.linear;
import static dev.lethe.engine.autograd.MatMul.matMul;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Sum.sum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The factors of all uses, multiplied and summed over examples, are the gradient; with fused
/// kernels and without.
class WeightTapTest {
    private static Tensor leaf(Backend backend, int seed, int... dims) {
        Shape shape = Shape.of(dims);
        double[] numbers = new double[(int) shape.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Math.sin(1.3 * i + seed);
        }
        return Tensor.leaf(backend, Tensor.of(DType.F64, shape, numbers).buffer(), shape, true);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void factorsMakeTheGradient(boolean fused) {
        try (Backend backend = fused ? new FormulaBackend() : new ReferenceBackend();
                TensorArena _ = backend.openStep()) {
            Tensor table = leaf(backend, 1, 7, 4);
            Tensor gain = leaf(backend, 2, 4);
            Tensor ids = Tensor.ofInts(Shape.of(2, 3), 1, 5, 1, 0, 5, 6);
            WeightTap tap = new WeightTap();
            Tensor loss =
                    tap.during(
                            () -> {
                                Tensor x = rmsNorm(gather(table, ids), gain, 1e-2);
                                Tensor h = rmsNorm(add(x, multiply(x, x)), gain, 1e-2);
                                Tensor y = linear(h, table); // tied
                                return sum(multiply(y, y));
                            });
            gather(table, ids); // not under the tap
            for (Tensor weight : List.of(table, gain)) {
                List<WeightUse> uses = tap.uses(loss, weight);
                assertEquals(2, uses.size());
                Tensor sum = null;
                for (WeightUse use : uses) {
                    Tensor g = Autograd.gradients(loss, List.of(use.output())).of(use.output());
                    Tensor part = matMul(use.left(g), use.right(g), true, false); // [B,m,n]
                    sum = sum == null ? part : add(sum, part);
                }
                assertArrayEquals(
                        Autograd.gradients(loss, List.of(weight)).of(weight).toDoubles(),
                        sum(sum, 0).toDoubles(),
                        1e-12);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void missesNoUse(boolean fused) {
        try (Backend backend = fused ? new FormulaBackend() : new ReferenceBackend();
                TensorArena _ = backend.openStep()) {
            Tensor weight = leaf(backend, 1, 4, 4);
            Tensor x = leaf(backend, 2, 1, 3, 4);
            WeightTap tap = new WeightTap();
            Tensor loss =
                    tap.during(
                            () -> {
                                Recording.off(() -> linear(x, weight)); // leaves no history
                                linear(x, weight); // the loss does not depend on it
                                return sum(linear(x, weight));
                            });
            assertEquals(1, tap.uses(loss, weight).size());
            Tensor penalized = add(loss, sum(multiply(weight, weight)));
            assertThrows(IllegalStateException.class, () -> tap.uses(penalized, weight));
        }
    }
}
