package dev.lethe.engine.contract;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Fused operations in BF16: value, vector-Jacobian product and its derivative, from inputs and
/// with seeds that are exact in BF16, against the composite on the reference in F64.
///
/// A fused operation computes in F32 or wider and rounds each result once. So with A what
/// [Closeness] allows for F32 of the same inputs, measured at the worst element of an array, a BF16
/// result lies within `A + 2^-8 (|truth| + A)` of the truth, and losses, which are F32, within A. A
/// backend whose kernels round to BF16 on the way states how often, in [#roundings].
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FusedBf16Contract {
    private Backend tested;
    private Backend reference;

    /// The backend under test, which has BF16.
    protected abstract Backend open();

    /// Numbers that lie behind one element and are rounded to BF16 before its last step, each worth
    /// `2^-8` of the largest number of its array.
    protected int roundings(OpCase subject) {
        return 0;
    }

    static List<OpCase> cases() {
        return Stream.concat(FusedCases.small().stream(), FusedCases.large().stream())
                .map(one -> one.exactIn(DType.BF16))
                .toList();
    }

    @BeforeAll
    void openBackends() {
        tested = open();
        reference = new ReferenceBackend();
    }

    @AfterAll
    void closeBackends() {
        Assertions.assertEquals(0, tested.memory().openArenas(), "arenas left open");
        tested.close();
        reference.close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void value(OpCase subject) {
        compare(subject, "value", (leaves, y) -> List.of(y));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradient(OpCase subject) {
        for (Mode mode : Mode.values()) {
            compare(
                    subject,
                    "gradient " + mode,
                    (leaves, y) -> all(pulledBack(y, leaves, mode), leaves));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void secondDerivative(OpCase subject) {
        compare(
                subject,
                "second derivative",
                (leaves, y) -> {
                    Gradients first = pulledBack(y, leaves, Mode.DIFFERENTIABLE);
                    Tensor along = Tensor.zeros(y.dtype().accumulator(), Shape.scalar());
                    for (int i = 0; i < leaves.length; i++) {
                        Tensor g = widened(first.of(leaves[i]));
                        Shape shape = leaves[i].shape();
                        Tensor v = Tensor.of(g.dtype(), shape, subject.direction()[i]);
                        along = add(along, sum(multiply(g, v)));
                    }
                    return all(Autograd.gradients(along, List.of(leaves)), leaves);
                });
    }

    private static Gradients pulledBack(Tensor y, Tensor[] leaves, Mode mode) {
        double[] seed = new double[Math.toIntExact(y.shape().size())];
        Arrays.setAll(seed, i -> Math.cos(1.3 * i) + 0.2);
        Tensor exact = Tensor.of(y.dtype(), y.shape(), Numbers.exact(DType.BF16, seed));
        return Autograd.gradients(y, exact, List.of(leaves), mode);
    }

    private static List<Tensor> all(Gradients gradients, Tensor[] leaves) {
        return Stream.of(leaves).map(gradients::of).toList();
    }

    private interface Quantity {
        List<Tensor> of(Tensor[] leaves, Tensor y);
    }

    private record Found(DType dtype, double[] values) {}

    private static List<Found> found(
            Backend backend, DType dtype, OpCase subject, Quantity quantity) {
        try (TensorArena _ = backend.openStep()) {
            List<Tensor> leaves = new ArrayList<>();
            double[][] x = subject.inputs();
            for (int i = 0; i < x.length; i++) {
                Shape shape = subject.shapes().get(i);
                Tensor constant = Tensor.of(dtype, shape, x[i]);
                leaves.add(Tensor.leaf(backend, constant.buffer(), shape, true));
            }
            Tensor[] inputs = leaves.toArray(Tensor[]::new);
            return quantity.of(inputs, subject.function().apply(inputs)).stream()
                    .map(tensor -> new Found(tensor.dtype(), tensor.toDoubles()))
                    .toList();
        }
    }

    private void compare(OpCase subject, String what, Quantity quantity) {
        List<Found> truth = found(reference, DType.F64, subject, quantity);
        List<Found> plain = found(reference, DType.F32, subject, quantity);
        List<Found> got = found(tested, DType.BF16, subject, quantity);
        double magnitude = 1; // losses are differences of terms around 1, whatever they come to
        double worst = 0;
        for (int i = 0; i < truth.size(); i++) {
            for (int j = 0; j < truth.get(i).values.length; j++) {
                double exact = truth.get(i).values[j];
                magnitude = Math.max(magnitude, Math.abs(exact));
                worst = Math.max(worst, Math.abs(plain.get(i).values[j] - exact));
            }
        }
        for (int i = 0; i < truth.size(); i++) {
            double[] exact = truth.get(i).values;
            double[] spread = new double[exact.length];
            double[] size = new double[exact.length];
            Arrays.fill(size, magnitude);
            for (int j = 0; j < spread.length; j++) {
                spread[j] = exact[j] + worst;
            }
            new Closeness(exact, spread, size)
                    .withRoundings(roundings(subject))
                    .check(
                            "%s of %s, array %d".formatted(what, subject, i),
                            got.get(i).dtype,
                            got.get(i).values);
        }
    }
}
