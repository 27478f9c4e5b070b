package dev.lethe.model.golden;

import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.LinearKl.linearKl;
import static dev.lethe.engine.autograd.LinearUniformKl.linearUniformKl;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.OutputTerm;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// The gradient of each loss with respect to the logits is the reference code's. The loss heads
/// take hidden states; behind an identity as output embedding, without a soft-cap, these are the
/// logits.
class GoldenLogitGradientTest {
    static final List<String> CASES = GoldenCase.NAMES;

    @ParameterizedTest
    @FieldSource("CASES")
    void crossEntropyAndBothDivergences(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                TensorArena _ = golden.backend().openStep()) {
            Batch main = golden.batch().get(Role.MAIN);
            LinearHead student = identityHead(logits(golden.model(), main));
            LinearHead teacher = identityHead(logits(golden.teacher(), main));
            Tensor next = perRow(main, main.targets());
            Tensor ce = linearCrossEntropy(student, next, main.targetCount());
            check(golden, "ce.dlogits", main, student, ce);
            Tensor positions = perRow(main, main.positionMask());
            Tensor kl = linearKl(student, teacher, positions, main.positions());
            check(golden, "kl.dlogits", main, student, kl);
            Tensor targets = perRow(main, main.targetMask());
            Tensor shifted = linearKl(student, teacher, targets, main.targetCount());
            check(golden, "kl_shift.dlogits", main, student, shifted);
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void divergenceFromUniform(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                TensorArena _ = golden.backend().openStep()) {
            Batch forget = golden.batch().get(Role.FORGET);
            LinearHead student = identityHead(logits(golden.model(), forget));
            Tensor positions = perRow(forget, forget.positionMask());
            Tensor loss = linearUniformKl(student, positions, forget.positions());
            check(golden, "maxent.forget.dlogits", forget, student, loss);
        }
    }

    /// The closed forms that studies show.
    @ParameterizedTest
    @FieldSource("CASES")
    void closedForms(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                TensorArena _ = golden.backend().openStep()) {
            closedForm(golden, "ce.dlogits", GoldenLoss.CE);
            closedForm(golden, "kl.dlogits", GoldenLoss.KL);
            closedForm(golden, "kl_shift.dlogits", GoldenLoss.KL_SHIFT);
            closedForm(golden, "maxent.forget.dlogits", GoldenLoss.MAXENT);
        }
    }

    private static void closedForm(GoldenCase golden, String tensor, GoldenLoss loss) {
        Objective objective = loss.objective(golden);
        OutputTerm term = OutputTerm.of(objective).getFirst();
        Batch rows = golden.batch().get(term.role());
        double denominator = objective.denominators(golden.batch()).get(term.name());
        double[] closed = term.read(golden.model(), rows, denominator).gradient().toDoubles();
        double[] expected = golden.file("dlogits").toDoubles(tensor);
        Agreement.assertRows(tensor, 1e-12, rows.positionMask(), expected, closed);
    }

    private static Tensor logits(Gemma2 model, Batch batch) {
        Shape shape = Shape.of(batch.rows(), batch.tokens());
        return Recording.off(
                () ->
                        model.head(model.forward(Tensor.ofInts(shape, batch.ids())).lastHidden())
                                .logits());
    }

    private static LinearHead identityHead(Tensor logits) {
        int vocabulary = logits.shape().dim(-1);
        double[] one = new double[vocabulary * vocabulary];
        for (int i = 0; i < vocabulary; i++) {
            one[i * vocabulary + i] = 1;
        }
        Tensor identity = Tensor.of(DType.F64, Shape.of(vocabulary, vocabulary), one);
        Tensor leaf = Tensor.leaf(logits.backend(), logits.buffer(), logits.shape(), true);
        return new LinearHead(leaf, identity, 0);
    }

    private static Tensor perRow(Batch batch, int[] values) {
        return Tensor.ofInts(Shape.of(batch.rows() * batch.tokens()), values);
    }

    private static void check(
            GoldenCase golden, String tensor, Batch batch, LinearHead student, Tensor loss) {
        Tensor gradient = Autograd.gradients(loss, List.of(student.hidden())).of(student.hidden());
        double[] expected = golden.file("dlogits").toDoubles(tensor);
        Agreement.assertRows(
                tensor, 1e-12, batch.positionMask(), expected, gradient.toDoubles());
    }
}
