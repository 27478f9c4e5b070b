package dev.lethe.engine.contract;

import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.backend.RmsNormKernels.Rows;
import dev.lethe.engine.backend.RopeKernels.Rotation;
import dev.lethe.engine.contract.LinearLossFormula.Head;
import dev.lethe.engine.memory.DType;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// The written-out gradients against central differences of the forward formulas, in F64.
class FormulaGradientTest {
    private static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-8;

    /// Moves each element of `x` and compares the slope of `loss` with the gradient.
    private static void check(String what, DoubleSupplier loss, double[] x, double[] gradient) {
        for (int i = 0; i < x.length; i++) {
            double kept = x[i];
            x[i] = kept + STEP;
            double above = loss.getAsDouble();
            x[i] = kept - STEP;
            double below = loss.getAsDouble();
            x[i] = kept;
            double slope = (above - below) / (2 * STEP);
            double allowed = TOLERANCE * Math.max(1, Math.abs(slope));
            Assertions.assertEquals(slope, gradient[i], allowed, what + " element " + i);
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private final Numbers numbers = new Numbers(11, DType.F64);

    @Test
    void rmsNorm() {
        Rows rows = new Rows(3, 7, 1e-6);
        double[] x = numbers.normal(1, 21);
        double[] weight = numbers.normal(0.3, 7);
        double[] dy = numbers.normal(1, 21);
        DoubleSupplier loss =
                () -> dot(RmsNormFormula.of(Precision.DOUBLE, rows, x, weight, dy).y(), dy);
        RmsNormFormula result = RmsNormFormula.of(Precision.DOUBLE, rows, x, weight, dy);
        check("dx", loss, x, result.dx());
        check("dWeight", loss, weight, result.dWeight());
    }

    @Test
    void ropeInverseIsTheAdjoint() {
        Rotation rotation = new Rotation(2, 3, 2, 6, 100, 2);
        double[] x = numbers.normal(1, 72);
        double[] dy = numbers.normal(1, 72);
        DoubleSupplier loss =
                () -> dot(RopeFormula.rotate(Precision.DOUBLE, rotation, false, x), dy);
        check("dx", loss, x, RopeFormula.rotate(Precision.DOUBLE, rotation, true, dy));
    }

    @Test
    void attention() {
        for (double softCap : new double[] {0, 2}) {
            for (int window : new int[] {1, 3, 6}) {
                Heads heads = new Heads(2, 4, 6, 4, 2, 2, 0.7, softCap, window);
                AttentionFormula.Inputs in =
                        new AttentionFormula.Inputs(
                                numbers.normal(1, 64),
                                numbers.normal(1, 48),
                                numbers.normal(1, 48),
                                numbers.normal(1, 64));
                DoubleSupplier loss =
                        () ->
                                dot(
                                        AttentionFormula.of(Precision.DOUBLE, heads, in).output(),
                                        in.dOutput());
                AttentionFormula result = AttentionFormula.of(Precision.DOUBLE, heads, in);
                check("dq", loss, in.q(), result.dq());
                check("dk", loss, in.k(), result.dk());
                check("dv", loss, in.v(), result.dv());
            }
        }
    }

    @Test
    void geglu() {
        double[] gate = numbers.uniform(-4, 4, 60);
        double[] up = numbers.normal(1, 60);
        double[] dy = numbers.normal(1, 60);
        DoubleSupplier loss = () -> dot(GegluFormula.of(Precision.DOUBLE, gate, up, dy).y(), dy);
        GegluFormula result = GegluFormula.of(Precision.DOUBLE, gate, up, dy);
        check("dGate", loss, gate, result.dGate());
        check("dUp", loss, up, result.dUp());
    }

    @Test
    void linearLosses() {
        for (double softCap : new double[] {0, 2}) {
            Head head =
                    new Head(4, 3, 5, softCap, numbers.normal(1, 12), numbers.normal(1, 15));
            Head teacher =
                    new Head(4, 2, 5, 3, numbers.normal(1, 8), numbers.normal(1, 10));
            int[] targets = {2, -1, 0, 4};
            int[] mask = {1, 0, 1, 1};
            checkHead(
                    head,
                    () -> LinearLossFormula.crossEntropy(Precision.DOUBLE, head, targets, 0.3));
            checkHead(
                    head, () -> LinearLossFormula.kl(Precision.DOUBLE, head, teacher, mask, 0.3));
            checkHead(
                    head, () -> LinearLossFormula.uniformKl(Precision.DOUBLE, head, mask, 0.3));
        }
    }

    private static void checkHead(
            Head head, Supplier<LinearLossFormula> formula) {
        LinearLossFormula result = formula.get();
        DoubleSupplier loss = () -> formula.get().loss();
        Assertions.assertTrue(result.loss() > 0, "cross-entropy and divergences are positive");
        check("dHidden", loss, head.hidden(), result.dHidden());
        check("dWeight", loss, head.weight(), result.dWeight());
    }

    /// A model that equals its teacher has divergence zero, and so has a uniform one.
    @Test
    void divergencesVanishAtTheirTarget() {
        int[] mask = {1, 1};
        Head head = new Head(2, 3, 5, 2, numbers.normal(1, 6), numbers.normal(1, 15));
        Assertions.assertEquals(
                0, LinearLossFormula.kl(Precision.DOUBLE, head, head, mask, 1).loss(), 1e-15);
        Head flat = new Head(2, 3, 5, 0, new double[6], numbers.normal(1, 15));
        Assertions.assertEquals(
                0, LinearLossFormula.uniformKl(Precision.DOUBLE, flat, mask, 1).loss(), 1e-15);
    }

    @Test
    void meanSquare() {
        MeanSquareFormula.Inputs in =
                new MeanSquareFormula.Inputs(
                        3, numbers.normal(1, 12), numbers.normal(1, 3), new int[] {1, 0, 1, 2});
        DoubleSupplier loss = () -> 1.7 * MeanSquareFormula.of(Precision.DOUBLE, in, 0.3, 1).loss();
        check("dx", loss, in.x(), MeanSquareFormula.of(Precision.DOUBLE, in, 0.3, 1.7).dx());
    }

    /// The first step of Adam is the learning rate in the direction of the gradient's sign.
    @Test
    void firstAdamWStep() {
        AdamWFormula.Update update =
                new AdamWFormula.Update(
                        0.1, 0.9, 0.999, 0, 0.5, 2, 1 - 0.9, 1 - 0.999);
        AdamWFormula before =
                new AdamWFormula(new double[] {1, 1}, new double[2], new double[2]);
        AdamWFormula after =
                AdamWFormula.of(Precision.DOUBLE, update, before, new double[] {3, -0.01});
        Assertions.assertArrayEquals(new double[] {0.85, 1.05}, after.parameters(), 1e-12);
        Assertions.assertArrayEquals(new double[] {0.6, -0.002}, after.m(), 1e-12);
        Assertions.assertArrayEquals(new double[] {0.036, 4e-7}, after.v(), 1e-12);
    }
}
