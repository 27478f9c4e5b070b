package dev.lethe.engine.contract;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.backend.AttentionKernels.Saved;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.AttentionFormula.Inputs;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [AttentionKernels]: grouped heads, windows, soft-cap, and queries that continue a
/// cache of keys.
public abstract class AttentionContract extends FusedContract<AttentionKernels> {
    private static final int[][] SIZES = { // batch, queries, keys, heads, kvHeads, headDim
        {1, 1, 1, 1, 1, 2}, {1, 2, 2, 2, 1, 8}, {2, 7, 7, 4, 2, 16}, {1, 17, 17, 3, 3, 32},
        {2, 3, 16, 4, 1, 34}, {1, 1, 33, 2, 2, 16}, {1, 33, 33, 2, 1, 8}, {3, 15, 31, 6, 2, 2},
        {1, 67, 67, 1, 1, 16}, {1, 64, 130, 2, 1, 32}
    };

    /// Probabilities and gradients of scores may be rounded to BF16 before their products, and the
    /// output is read back rounded: at most two such numbers behind each element, which meet values
    /// of at most about twice the size that is allowed for.
    private static final int ROUNDINGS = 4;

    @Override
    final Optional<AttentionKernels> kernels(Backend backend, DType dtype) {
        return backend.attention(dtype);
    }

    private static List<Heads> heads() {
        List<Heads> all = new ArrayList<>();
        for (int[] s : SIZES) {
            for (double softCap : new double[] {0, 5}) {
                for (int window : new int[] {1, 3, s[2], 2 * s[2] + 1}) {
                    double scale = 1 / Math.sqrt(s[5]);
                    all.add(
                            new Heads(
                                    s[0], s[1], s[2], s[3], s[4], s[5], scale, softCap, window));
                }
            }
        }
        return all;
    }

    private static Inputs inputs(Heads heads, DType dtype, double size) {
        Numbers numbers = new Numbers(heads.hashCode(), dtype);
        int queries = heads.batch() * heads.queries() * heads.heads() * heads.headDim();
        int keys = heads.batch() * heads.keys() * heads.kvHeads() * heads.headDim();
        return new Inputs(
                numbers.normal(size, queries),
                numbers.normal(size, keys),
                numbers.normal(1, keys),
                numbers.normal(1, queries));
    }

    private void check(Heads heads, DType dtype, Inputs in) {
        AttentionFormula truth = AttentionFormula.of(Precision.DOUBLE, heads, in);
        AttentionFormula plain = AttentionFormula.of(Precision.of(dtype), heads, in);
        String what = heads.toString();
        // Softmax gradients are differences of terms of this size, at times exactly zero.
        double dScore = heads.scale() * Math.sqrt(heads.headDim());
        double size = Math.max(1, Numbers.rms(in.q()) + Numbers.rms(in.k())) * dScore;
        verify(
                dtype,
                (kernels, bench) -> {
                    Buffer q = bench.input(in.q());
                    Buffer k = bench.input(in.k());
                    Buffer v = bench.input(in.v());
                    Buffer output = bench.output(in.q().length);
                    Buffer logSumExp = statistics(bench, heads);
                    kernels.forward(heads, q, k, v, output, logSumExp);
                    double[] out = bench.read(output);
                    double[] lse = bench.read(logSumExp);
                    Closeness.uniform(truth.output(), plain.output(), size)
                            .withRoundings(ROUNDINGS)
                            .check(what + " output", dtype, out);
                    Closeness.uniform(truth.logSumExp(), plain.logSumExp(), size)
                            .check(what + " logSumExp", dtype.accumulator(), lse);
                    Buffer dq = bench.output(in.q().length);
                    Buffer dk = bench.output(in.k().length);
                    Buffer dv = bench.output(in.v().length);
                    Buffer savedLse = bench.input(dtype.accumulator(), lse);
                    Saved saved = new Saved(q, k, v, bench.input(out), savedLse);
                    kernels.backward(heads, saved, bench.input(in.dOutput()), dq, dk, dv);
                    Closeness.uniform(truth.dq(), plain.dq(), size)
                            .withRoundings(ROUNDINGS)
                            .check(what + " dq", dtype, bench.read(dq));
                    Closeness.uniform(truth.dk(), plain.dk(), size)
                            .withRoundings(ROUNDINGS)
                            .check(what + " dk", dtype, bench.read(dk));
                    Closeness.uniform(truth.dv(), plain.dv(), 1)
                            .withRoundings(ROUNDINGS)
                            .check(what + " dv", dtype, bench.read(dv));
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void forwardAndBackward(DType dtype) {
        for (Heads heads : heads()) {
            check(heads, dtype, inputs(heads, dtype, 1));
        }
    }

    /// Windows about as long as the tiles that scores are computed in, and wide heads.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void tilesAndWideHeads(DType dtype) {
        for (Heads heads :
                List.of(
                        new Heads(1, 150, 150, 2, 1, 40, 0.2, 0, 31),
                        new Heads(1, 150, 150, 1, 1, 40, 0.2, 5, 64),
                        new Heads(1, 131, 140, 1, 1, 8, 0.4, 0, 65),
                        new Heads(1, 131, 140, 1, 1, 8, 0.4, 5, 100),
                        new Heads(2, 33, 70, 2, 2, 128, 0.1, 5, 33),
                        new Heads(1, 70, 70, 2, 1, 130, 0.1, 0, 70),
                        new Heads(1, 35, 67, 2, 1, 256, 0.06, 5, 40))) {
            check(heads, dtype, inputs(heads, dtype, 1));
        }
    }

    /// Scores of some hundreds: the maximum is subtracted before exponentials are taken.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void largeScoresDoNotOverflow(DType dtype) {
        for (double softCap : new double[] {0, 5}) {
            Heads heads = new Heads(1, 17, 33, 2, 1, 16, 1, softCap, 33);
            check(heads, dtype, inputs(heads, dtype, 8));
        }
    }

    /// Whatever stands in keys that a query may not see, its output keeps every bit.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void unseenKeysDoNotReachTheOutput(DType dtype) {
        Heads heads = new Heads(1, 17, 20, 2, 1, 8, 0.3, 0, 3);
        Inputs in = inputs(heads, dtype, 1);
        int seenFrom = 6; // by the query at position 8, the sixth
        int seenTo = 9;
        double[] k = in.k().clone();
        double[] v = in.v().clone();
        for (int i = 0; i < k.length; i++) {
            if (i / heads.headDim() < seenFrom || i / heads.headDim() >= seenTo) {
                k[i] = 50 * (i % 3 - 1);
                v[i] = -1000;
            }
        }
        int row = heads.heads() * heads.headDim();
        verify(
                dtype,
                (kernels, bench) -> {
                    double[] before = forward(kernels, bench, heads, in);
                    double[] after =
                            forward(
                                    kernels,
                                    bench,
                                    heads,
                                    new Inputs(in.q(), k, v, in.dOutput()));
                    for (int i = 5 * row; i < 6 * row; i++) {
                        Assertions.assertEquals(before[i], after[i], "element " + i);
                    }
                    Assertions.assertNotEquals(before[6 * row], after[6 * row], "changed keys");
                });
    }

    /// NaN in one query spoils that query's head alone.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanStaysInItsQuery(DType dtype) {
        for (double softCap : new double[] {0, 5}) {
            Heads heads = new Heads(1, 17, 17, 2, 1, 16, 0.25, softCap, 17);
            Inputs in = inputs(heads, dtype, 1);
            in.q()[7 * 32 + 3] = Double.NaN;
            AttentionFormula truth = AttentionFormula.of(Precision.DOUBLE, heads, in);
            AttentionFormula plain = AttentionFormula.of(Precision.of(dtype), heads, in);
            verify(
                    dtype,
                    (kernels, bench) ->
                            Closeness.uniform(truth.output(), plain.output(), 1)
                                    .withRoundings(ROUNDINGS)
                                    .check(
                                            "NaN in a query",
                                            dtype,
                                            forward(kernels, bench, heads, in)));
        }
    }

    private static double[] forward(
            AttentionKernels kernels, Workbench bench, Heads heads, Inputs in) {
        Buffer output = bench.output(in.q().length);
        kernels.forward(
                heads,
                bench.input(in.q()),
                bench.input(in.k()),
                bench.input(in.v()),
                output,
                statistics(bench, heads));
        return bench.read(output);
    }

    /// For a number a query and head, F32 where BF16 is tested.
    private static Buffer statistics(Workbench bench, Heads heads) {
        long count = (long) heads.batch() * heads.heads() * heads.queries();
        return bench.output(bench.dtype().accumulator(), count);
    }
}
