package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.ElementwiseKernels.Unary;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.backend.ReduceKernels.Reduction;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/// Runs kernels of every family and gives one number of all the bits they wrote.
///
/// Odd sizes, so that vectors, masks and tails all take part.
final class BitsProbe implements AutoCloseable {
    private static final int ROWS = 13;
    private static final int WIDTH = 37;

    private final CpuBackend backend;
    private final TensorArena arena;
    private final List<Buffer> written = new ArrayList<>();
    private final List<Runnable> calls = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(5);

    BitsProbe(CpuBackend backend) {
        this.backend = backend;
        this.arena = backend.openLongLived();
        int size = ROWS * WIDTH;
        Buffer x = random(size);
        Buffer y = random(size);
        Buffer weight = random(WIDTH);
        Buffer a = output(size);
        Buffer b = output(size);
        Buffer narrow = output(WIDTH);
        Buffer perRow = output(ROWS);
        for (Unary function : Unary.values()) {
            Buffer out = output(size);
            calls.add(() -> backend.elementwise().unary(function, x, out));
        }
        Buffer softmax = output(size);
        calls.add(() -> backend.softmax().softmax(WIDTH, x, softmax));
        calls.add(() -> backend.reduce().sum(new Reduction(ROWS, WIDTH, 1), x, perRow));
        Product product = new Product(1, ROWS, ROWS, WIDTH, false, true);
        Buffer squares = output(ROWS * ROWS);
        calls.add(() -> backend.matMul().multiply(product, x, y, squares));
        normAndGeglu(x, y, weight, a, b, narrow);
        attention(19, 6);
        attention(13, 16); // few keys, and heads of whole vectors
        loss();
    }

    private void normAndGeglu(Buffer x, Buffer y, Buffer weight, Buffer a, Buffer b, Buffer dw) {
        RmsNormKernels.Rows rows = new RmsNormKernels.Rows(ROWS, WIDTH, 1e-6);
        Buffer inverse = output(ROWS);
        RmsNormKernels.Saved saved = new RmsNormKernels.Saved(x, weight, inverse);
        RmsNormKernels norm = backend.rmsNorm(DType.F32).orElseThrow();
        calls.add(() -> norm.forward(rows, x, weight, a, inverse));
        calls.add(() -> norm.backward(rows, saved, y, b, dw));
        Buffer dGate = output(ROWS * WIDTH);
        Buffer dUp = output(ROWS * WIDTH);
        calls.add(() -> backend.geglu(DType.F32).orElseThrow().backward(x, y, a, dGate, dUp));
        Buffer p = output(ROWS * WIDTH);
        Buffer m = output(ROWS * WIDTH);
        Buffer v = output(ROWS * WIDTH);
        OptimizerKernels.Rule rule = new OptimizerKernels.Rule(0.9, 0.99, 1e-8);
        double[] values = {1 - 1e-2 * 0.1, 1e-2 / 0.1, 1 / 0.01, 0, 0.5, 0};
        Buffer step = arena.allocate(DType.F64, values.length);
        backend.upload(MemorySegment.ofArray(values), step);
        calls.add(
                () -> {
                    for (Buffer state : List.of(p, m, v)) {
                        backend.elementwise().fill(0.25, state);
                    }
                    backend.optimizer(DType.F32).orElseThrow().adamW(rule, step, p, x, m, v, null);
                });
    }

    private void attention(int tokens, int headDim) {
        AttentionKernels.Heads heads =
                new AttentionKernels.Heads(2, tokens, tokens, 2, 1, headDim, 0.4, 5, tokens - 2);
        int queries = 2 * tokens * 2 * headDim;
        Buffer q = random(queries);
        Buffer k = random(queries / 2);
        Buffer v = random(queries / 2);
        Buffer out = output(queries);
        Buffer logs = output(2 * 2 * tokens);
        AttentionKernels.Saved saved = new AttentionKernels.Saved(q, k, v, out, logs);
        AttentionKernels kernels = backend.attention(DType.F32).orElseThrow();
        calls.add(() -> kernels.forward(heads, q, k, v, out, logs));
        Buffer dq = output(queries);
        Buffer dk = output(queries / 2);
        Buffer dv = output(queries / 2);
        calls.add(() -> kernels.backward(heads, saved, q, dq, dk, dv));
        RopeKernels.Rotation rotation =
                new RopeKernels.Rotation(2, tokens, 2, headDim, 1e4, 3);
        Buffer rotated = output(queries);
        calls.add(() -> backend.rope(DType.F32).orElseThrow().rotate(rotation, false, q, rotated));
    }

    private void loss() {
        int vocabulary = 50;
        Buffer hidden = random(ROWS * WIDTH);
        Buffer weight = random(vocabulary * WIDTH);
        LinearLossKernels.Head head =
                new LinearLossKernels.Head(ROWS, WIDTH, vocabulary, 30, hidden, weight);
        LinearLossKernels.Head teacher =
                new LinearLossKernels.Head(
                        ROWS, WIDTH, vocabulary, 0, hidden, random(vocabulary * WIDTH));
        Buffer mask = arena.allocate(DType.I32, ROWS);
        for (int row = 0; row < ROWS; row++) {
            HostMemory.i32(mask.address() + (long) row * Integer.BYTES, row % 5);
        }
        Factor scale = Factor.of(0.1);
        LinearLossKernels kernels = backend.linearLoss(DType.F32).orElseThrow();
        for (int kind = 0; kind < 3; kind++) {
            Buffer loss = output(1);
            LinearLossKernels.Wanted wanted =
                    new LinearLossKernels.Wanted(
                            output(ROWS * WIDTH), output(vocabulary * WIDTH));
            calls.add(
                    switch (kind) {
                        case 0 -> () -> kernels.crossEntropy(head, mask, scale, loss, wanted);
                        case 1 -> () -> kernels.kl(head, teacher, mask, scale, loss, wanted);
                        default -> () -> kernels.uniformKl(head, mask, scale, loss, wanted);
                    });
            written.add(wanted.dHidden());
            written.add(wanted.dWeight());
        }
    }

    private Buffer random(int count) {
        Buffer buffer = arena.allocate(DType.F32, count);
        for (int i = 0; i < count; i++) {
            F32.set(buffer.address(), i, (float) (2 * random.nextGaussian()));
        }
        return buffer;
    }

    private Buffer output(int count) {
        Buffer buffer = arena.allocate(DType.F32, count);
        written.add(buffer);
        return buffer;
    }

    /// All kernels once.
    long run() {
        calls.forEach(Runnable::run);
        CRC32 crc = new CRC32();
        for (Buffer buffer : written) {
            crc.update(
                    HostMemory.ALL.asSlice(buffer.address(), buffer.bytes()).asByteBuffer());
        }
        return crc.getValue();
    }

    @Override
    public void close() {
        arena.close();
    }

    /// Prints how often the bits were those of the first, interpreted call.
    public static void main(String[] args) {
        try (CpuBackend backend = new CpuBackend(new VectorGemm());
                BitsProbe probe = new BitsProbe(backend)) {
            long first = probe.run();
            int times = Integer.parseInt(args[0]);
            int same = 0;
            for (int i = 0; i < times; i++) {
                same += probe.run() == first ? 1 : 0;
            }
            // One write: the machine's own log goes to the same place.
            System.out.println("same bits %d of %d".formatted(same, times));
        }
    }
}
