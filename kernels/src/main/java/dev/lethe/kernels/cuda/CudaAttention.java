package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;
import java.util.Arrays;
import java.util.stream.Stream;

/// `attention.cu`: scores in tiles, none in global memory; in BF16 on tensor cores. Backward, one
/// kernel goes by tiles of queries and makes dq, another by tiles of keys and makes dk and dv.
final class CudaAttention implements AttentionKernels {
    private static final String INPUTS = "const element* q, const element* k, const element* v";
    private static final String HEADS =
            "int queries, int keys, int heads, int kvHeads, int headDim, int window,"
                    + " accumulator scale, accumulator softCap";
    private static final String SAVED =
            INPUTS + ", const accumulator* logSumExp, const element* dOutput,"
                    + " const accumulator* delta";
    static final KernelSource SOURCE =
            KernelSource.contracted(
                    "attention",
                    "attention_forward_128(%s, element* output, accumulator* logSumExp, %s)"
                            .formatted(INPUTS, HEADS),
                    "attention_forward_256(%s, element* output, accumulator* logSumExp, %s)"
                            .formatted(INPUTS, HEADS),
                    "attention_delta(const element* output, const element* dOutput,"
                            + " accumulator* delta, int queries, int heads, int headDim,"
                            + " long long rows)",
                    "attention_backward_query_128(%s, element* dq, %s)".formatted(SAVED, HEADS),
                    "attention_backward_query_256(%s, element* dq, %s)".formatted(SAVED, HEADS),
                    "attention_backward_key_128(%s, element* dk, element* dv, %s)"
                            .formatted(SAVED, HEADS),
                    "attention_backward_key_256(%s, element* dk, element* dv, %s)"
                            .formatted(SAVED, HEADS));
    private static final Kernel DELTA = SOURCE.kernel("attention_delta");

    private static final int MOST_DIM = AttentionTiling.MOST_DIM;

    /// Kernels for heads of up to a dimension.
    private record Passes(Kernel forward, Kernel backwardQuery, Kernel backwardKey) {
        private static final Passes OF_NARROW = upTo(AttentionTiling.NARROW);
        private static final Passes OF_WIDE = upTo(MOST_DIM);

        private static Passes upTo(int dim) {
            return new Passes(
                    SOURCE.kernel("attention_forward_" + dim),
                    SOURCE.kernel("attention_backward_query_" + dim),
                    SOURCE.kernel("attention_backward_key_" + dim));
        }

        static Passes of(Heads heads) {
            return heads.headDim() <= AttentionTiling.NARROW ? OF_NARROW : OF_WIDE;
        }
    }

    private final CudaDevice device;
    private final KernelLauncher launcher;
    private final DeviceScratch scratch;

    CudaAttention(CudaDevice device, KernelLauncher launcher, DeviceScratch scratch) {
        this.device = device;
        this.launcher = launcher;
        this.scratch = scratch;
    }

    @Override
    public void forward(
            Heads heads, Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp) {
        DType dtype = Operands.floating("attention: q", q);
        check(heads, q, k, v);
        output("attention: output", output, dtype, querySize(heads), q, k, v);
        output("attention: logSumExp", logSumExp, dtype.accumulator(), logSize(heads), q, k, v);
        if (output.length() > 0) {
            Grid grid = AttentionTiling.of(dtype, heads).forward();
            launch(Passes.of(heads).forward, dtype, grid, heads, q, k, v, output, logSumExp);
        }
    }

    @Override
    public void backward(
            Heads heads, Saved saved, Buffer dOutput, Buffer dq, Buffer dk, Buffer dv) {
        DType dtype = Operands.floating("attention: q", saved.q());
        Buffer q = saved.q();
        Buffer k = saved.k();
        Buffer v = saved.v();
        Buffer logs = saved.logSumExp();
        check(heads, q, k, v);
        Operands.exactly("attention: output", saved.output(), dtype, querySize(heads));
        Operands.exactly("attention: dOutput", dOutput, dtype, querySize(heads));
        Operands.exactly(
                "attention: logSumExp", logs, dtype.accumulator(), logSize(heads));
        Buffer[] inputs = {q, k, v, saved.output(), logs, dOutput};
        output("attention: dq", dq, dtype, querySize(heads), inputs);
        output("attention: dk", dk, dtype, keySize(heads), inputs);
        output("attention: dv", dv, dtype, keySize(heads), inputs);
        AttentionTiling tiling = AttentionTiling.of(dtype, heads);
        synchronized (device) { // from the scratch to its last use
            DeviceAddress delta = scratch.bytes(logSize(heads) * dtype.accumulator().bytes());
            if (dq.length() > 0) {
                delta(heads, saved.output(), dOutput, delta);
                Grid grid = tiling.backwardQuery();
                Kernel pass = Passes.of(heads).backwardQuery;
                launch(pass, dtype, grid, heads, q, k, v, logs, dOutput, delta, dq);
            }
            if (dk.length() > 0) {
                Grid grid = tiling.backwardKey();
                Kernel pass = Passes.of(heads).backwardKey;
                launch(pass, dtype, grid, heads, q, k, v, logs, dOutput, delta, dk, dv);
            }
        }
    }

    private void delta(Heads heads, Buffer output, Buffer dOutput, DeviceAddress delta) {
        long rows = logSize(heads);
        launcher.launch(
                DELTA,
                output.dtype(),
                Grid.over(32 * rows),
                output,
                dOutput,
                delta,
                heads.queries(),
                heads.heads(),
                heads.headDim(),
                rows);
    }

    private void launch(Kernel pass, DType dtype, Grid grid, Heads heads, Object... buffers) {
        Object[] shape = {
            heads.queries(),
            heads.keys(),
            heads.heads(),
            heads.kvHeads(),
            heads.headDim(),
            Math.min(heads.window(), heads.keys()),
            heads.scale(),
            heads.softCap()
        };
        Object[] arguments = Stream.concat(Arrays.stream(buffers), Arrays.stream(shape)).toArray();
        launcher.launch(pass, dtype, grid, arguments);
    }

    private static void check(Heads heads, Buffer q, Buffer k, Buffer v) {
        if (heads.headDim() > MOST_DIM) {
            throw new IllegalArgumentException(
                    "attention: a head has at most %d dimensions on CUDA, got %d; use more heads"
                            .formatted(MOST_DIM, heads.headDim()));
        }
        Operands.exactly("attention: q", q, q.dtype(), querySize(heads));
        Operands.exactly("attention: k", k, q.dtype(), keySize(heads));
        Operands.exactly("attention: v", v, q.dtype(), keySize(heads));
    }

    private static void output(
            String what, Buffer buffer, DType dtype, long length, Buffer... inputs) {
        Operands.exactly(what, buffer, dtype, length);
        for (Buffer input : inputs) {
            Operands.apart(what, buffer, input);
        }
    }

    private static long logSize(Heads heads) {
        return (long) heads.batch() * heads.heads() * heads.queries();
    }

    private static long querySize(Heads heads) {
        return logSize(heads) * heads.headDim();
    }

    private static long keySize(Heads heads) {
        return (long) heads.batch() * heads.keys() * heads.kvHeads() * heads.headDim();
    }
}
