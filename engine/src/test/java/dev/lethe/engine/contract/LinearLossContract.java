package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.contract.LinearLossFormula.Head;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [LinearLossKernels].
public abstract class LinearLossContract extends FusedContract<LinearLossKernels> {
    private static final int[][] SIZES = { // rows, width, vocabulary
        {1, 1, 2}, {1, 3, 1}, {2, 7, 15}, {3, 16, 17}, {17, 31, 33}, {33, 15, 130}, {67, 2, 64},
        {130, 33, 7}, {2, 64, 1031}
    };
    private static final double[] SOFT_CAPS = {0, 3};

    /// Gradients of a row's logits come to at most twice the scale together, and meet weights and
    /// hidden states of at most about 4 deviations: what rounding them to BF16 may cost, in units.
    private static final int ROUNDINGS = 8;

    @Override
    final Optional<LinearLossKernels> kernels(Backend backend, DType dtype) {
        return backend.linearLoss(dtype);
    }

    /// Rows, width and vocabulary of more heads, where the backend cuts its work in another way.
    protected int[][] moreSizes() {
        return new int[0][];
    }

    private enum Loss {
        CROSS_ENTROPY,
        KL,
        UNIFORM_KL
    }

    /// `rows` holds the targets or the mask; `teacher` is read by KL alone.
    private record Case(
            Loss loss, DType dtype, double scale, Head head, Head teacher, int[] rows) {
        static Case random(Loss loss, DType dtype, double softCap, int... size) {
            Numbers numbers = new Numbers(size[0] * 100L + size[2], dtype);
            int teacherWidth = size[1] + 2; // a teacher of another size and cap, one vocabulary
            return new Case(
                    loss,
                    dtype,
                    1.0 / (2 + size[0]),
                    head(numbers, softCap, size[0], size[1], size[2]),
                    head(numbers, softCap == 0 ? 4 : 0, size[0], teacherWidth, size[2]),
                    loss == Loss.CROSS_ENTROPY
                            ? numbers.ids(-1, size[2], size[0])
                            : numbers.ids(0, 3, size[0]));
        }

        private static Head head(Numbers numbers, double softCap, int... size) {
            return new Head(
                    size[0],
                    size[1],
                    size[2],
                    softCap,
                    numbers.normal(1.5, size[0] * size[1]),
                    numbers.normal(1, size[2] * size[1]));
        }

        LinearLossFormula at(Precision p) {
            return switch (loss) {
                case CROSS_ENTROPY -> LinearLossFormula.crossEntropy(p, head, rows, scale);
                case KL -> LinearLossFormula.kl(p, head, teacher, rows, scale);
                case UNIFORM_KL -> LinearLossFormula.uniformKl(p, head, rows, scale);
            };
        }

        void run(LinearLossKernels kernels, Workbench bench, Buffer result, Wanted wanted) {
            run(kernels, bench, Factor.of(scale), result, wanted);
        }

        void run(
                LinearLossKernels kernels,
                Workbench bench,
                Factor factor,
                Buffer result,
                Wanted wanted) {
            Buffer ids = bench.ids(rows);
            LinearLossKernels.Head student = upload(bench, head);
            switch (loss) {
                case CROSS_ENTROPY -> kernels.crossEntropy(student, ids, factor, result, wanted);
                case KL ->
                        kernels.kl(student, upload(bench, teacher), ids, factor, result, wanted);
                case UNIFORM_KL -> kernels.uniformKl(student, ids, factor, result, wanted);
            }
        }

        private static LinearLossKernels.Head upload(Workbench bench, Head head) {
            return new LinearLossKernels.Head(
                    head.rows(),
                    head.width(),
                    head.vocabulary(),
                    head.softCap(),
                    bench.input(head.hidden()),
                    bench.input(head.weight()));
        }

        @Override
        public String toString() {
            return "%s %d x %d x %d cap %s"
                    .formatted(loss, head.rows(), head.width(), head.vocabulary(), head.softCap());
        }
    }

    private void check(Case one, boolean wantHidden, boolean wantWeight) {
        LinearLossFormula truth = one.at(Precision.DOUBLE);
        LinearLossFormula plain = one.at(Precision.of(one.dtype));
        DType dtype = one.dtype;
        // Rounding a logit moves its probability by as many units in the last place as it is large,
        // and 8 of them are allowed anyway.
        double size = one.scale * Math.max(1, largest(one.head.logits(Precision.DOUBLE)) / 8);
        verify(
                dtype,
                (kernels, bench) -> {
                    Buffer loss = bench.output(dtype.accumulator(), 1);
                    Buffer dHidden = wantHidden ? bench.output(truth.dHidden().length) : null;
                    Buffer dWeight = wantWeight ? bench.output(truth.dWeight().length) : null;
                    one.run(kernels, bench, loss, new Wanted(dHidden, dWeight));
                    Closeness.relative(
                                    new double[] {truth.loss()}, new double[] {plain.loss()})
                            .withMagnitude(truth.size())
                            .check(one + " loss", dtype.accumulator(), bench.read(loss));
                    if (wantHidden) {
                        Closeness.uniform(truth.dHidden(), plain.dHidden(), size)
                                .withRoundings(ROUNDINGS)
                                .check(one + " dHidden", dtype, bench.read(dHidden));
                    }
                    if (wantWeight) {
                        double floor = size * Math.sqrt(one.head.rows());
                        Closeness.uniform(truth.dWeight(), plain.dWeight(), floor)
                                .withRoundings(ROUNDINGS)
                                .check(one + " dWeight", dtype, bench.read(dWeight));
                    }
                });
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void lossesAndGradients(DType dtype) {
        for (Loss loss : Loss.values()) {
            for (int[] size : SIZES) {
                lossAndGradients(loss, dtype, size);
            }
            for (int[] size : moreSizes()) {
                lossAndGradients(loss, dtype, size);
            }
        }
    }

    private void lossAndGradients(Loss loss, DType dtype, int... size) {
        for (double softCap : SOFT_CAPS) {
            check(Case.random(loss, dtype, softCap, size), true, true);
        }
    }

    /// More than a block of threads takes at once. Not in F64, where sums of so many terms leave the
    /// truth no nearer than what is tested.
    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void rowsOfManyLogits(DType dtype) {
        for (Loss loss : Loss.values()) {
            for (double softCap : SOFT_CAPS) {
                check(Case.random(loss, dtype, softCap, 3, 5, 4999), true, true);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void gradientsThatAreNotWantedAreNull(DType dtype) {
        for (Loss loss : Loss.values()) {
            Case one = Case.random(loss, dtype, 3, 17, 7, 33);
            check(one, true, false);
            check(one, false, true);
            check(one, false, false);
        }
    }

    /// Where no row counts, loss and gradients are zero, not what was there before.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nothingCounts(DType dtype) {
        for (Loss loss : Loss.values()) {
            Case one = Case.random(loss, dtype, 3, 7, 16, 33);
            Arrays.fill(one.rows, loss == Loss.CROSS_ENTROPY ? -100 : 0);
            check(one, true, true);
        }
    }

    /// By value or from memory, the scale is the same number.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void aScaleInMemoryGivesTheSameBits(DType dtype) {
        for (Loss loss : Loss.values()) {
            Case one = Case.random(loss, dtype, 3, 7, 16, 33);
            verify(
                    dtype,
                    (kernels, bench) -> {
                        Buffer place = bench.input(DType.F64, one.scale);
                        Factor[] factors = {
                            Factor.of(one.scale), new Factor(one.scale, place)
                        };
                        double[][] seen = new double[2][];
                        for (int i = 0; i < 2; i++) {
                            Buffer result = bench.output(dtype.accumulator(), 1);
                            Buffer dHidden = bench.output(one.head.hidden().length);
                            Buffer dWeight = bench.output(one.head.weight().length);
                            Wanted wanted = new Wanted(dHidden, dWeight);
                            one.run(kernels, bench, factors[i], result, wanted);
                            seen[i] =
                                    Stream.of(result, dHidden, dWeight)
                                            .flatMapToDouble(x -> Arrays.stream(bench.read(x)))
                                            .toArray();
                        }
                        Assertions.assertArrayEquals(seen[0], seen[1], one + " from memory");
                    });
        }
    }

    /// Logits of some hundreds, which exponentials alone would not survive.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void largeLogitsDoNotOverflow(DType dtype) {
        for (Loss loss : Loss.values()) {
            Case one = Case.random(loss, dtype, 0, 7, 16, 33);
            for (int i = 0; i < one.head.hidden().length; i++) {
                one.head.hidden()[i] *= 64;
            }
            check(one, true, true);
        }
    }

    /// NaN in a row that counts reaches the loss, that row of dHidden, and all of dWeight.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanPropagates(DType dtype) {
        for (Loss loss : Loss.values()) {
            for (double softCap : SOFT_CAPS) {
                Case one = Case.random(loss, dtype, softCap, 7, 16, 33);
                Arrays.fill(one.rows, 1);
                one.head.hidden()[3 * 16 + 5] = Double.NaN;
                check(one, true, true);
            }
        }
    }
}
