package dev.lethe.bench.peers;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.LinearLossKernels.Head;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.kernels.Backends;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;

/// The process that runs a loss head of Lethe with its gradients: `ce|kl ROWS WIDTH VOCABULARY
/// THREADS SECONDS`. Rows are shared out among threads; the gradients of the weight are added up.
final class LetheHead implements AutoCloseable {
    private static final double SOFT_CAP = 30;
    private static final int RANGE = 1 << 18;

    private final boolean kl;
    private final int rows;
    private final int width;
    private final int vocabulary;
    private final Workers workers;
    private final Backend backend = Backends.open("cpu");
    private final TensorArena arena = backend.openLongLived();
    private final Buffer hidden;
    private final Buffer weight;
    private final Buffer taught;
    private final Buffer teacher;
    private final Buffer marks;
    private final Buffer losses;
    private final Buffer[] dWeight;
    private Buffer dHidden;

    private LetheHead(boolean kl, int rows, int width, int vocabulary, int threads) {
        this.kl = kl;
        this.rows = rows;
        this.width = width;
        this.vocabulary = vocabulary;
        workers = new Workers(threads);
        hidden = normal(rows, 1, 0);
        weight = normal(vocabulary, 0.02, 1);
        taught = kl ? normal(rows, 1, 2) : null;
        teacher = kl ? normal(vocabulary, 0.02, 3) : null;
        marks = arena.allocate(DType.I32, rows);
        int[] targets = new int[rows];
        Arrays.setAll(targets, i -> kl ? 1 : (int) (i * 7L % vocabulary));
        backend.upload(MemorySegment.ofArray(targets), marks);
        losses = arena.allocate(DType.F32, 16L * threads);
        dWeight = new Buffer[threads];
    }

    /// After this the gradients are resident too.
    private LetheHead withGradients() {
        dHidden = arena.allocate(DType.F32, hidden.length());
        for (int i = 0; i < dWeight.length; i++) {
            dWeight[i] = arena.allocate(DType.F32, weight.length());
        }
        return this;
    }

    private Buffer normal(int count, double deviation, int stream) {
        Buffer buffer = arena.allocate(DType.F32, (long) count * width);
        backend.random()
                .fill(
                        new PhiloxStream(1, Purpose.PROBE, stream),
                        0,
                        new Distribution.Normal(0, deviation),
                        buffer);
        return buffer;
    }

    private double once() {
        LinearLossKernels kernels = backend.linearLoss(DType.F32).orElseThrow();
        int parts = dWeight.length;
        workers.forEach(
                parts,
                part -> {
                    int from = rows * part / parts;
                    int count = rows * (part + 1) / parts - from;
                    Head student = head(hidden, weight, from, count);
                    Buffer mark = marks.slice(from, count);
                    Buffer loss = losses.slice(16L * part, 1);
                    Wanted wanted =
                            new Wanted(
                                    dHidden.slice((long) from * width, (long) count * width),
                                    dWeight[part]);
                    if (kl) {
                        Head fixed = head(taught, teacher, from, count);
                        kernels.kl(student, fixed, mark, Factor.of(1.0 / rows), loss, wanted);
                    } else {
                        kernels.crossEntropy(student, mark, Factor.of(1.0 / rows), loss, wanted);
                    }
                });
        addUp();
        float[] sums = new float[(int) losses.length()];
        backend.download(losses, MemorySegment.ofArray(sums));
        double loss = 0;
        for (int part = 0; part < parts; part++) {
            loss += sums[16 * part];
        }
        return loss;
    }

    private Head head(Buffer states, Buffer table, int from, int count) {
        Buffer part = states.slice((long) from * width, (long) count * width);
        return new Head(count, width, vocabulary, SOFT_CAP, part, table);
    }

    private void addUp() {
        long length = weight.length();
        workers.forEach(
                (int) ((length + RANGE - 1) / RANGE),
                range -> {
                    long from = (long) range * RANGE;
                    long count = Math.min(RANGE, length - from);
                    for (int part = 1; part < dWeight.length; part++) {
                        backend.elementwise()
                                .addTo(
                                        dWeight[part].slice(from, count),
                                        dWeight[0].slice(from, count));
                    }
                });
    }

    @Override
    public void close() {
        arena.close();
        workers.close();
        backend.close();
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT);
        boolean kl = args[0].equals("kl");
        int rows = Integer.parseInt(args[1]);
        int width = Integer.parseInt(args[2]);
        int threads = Integer.parseInt(args[4]);
        // Code is compiled on a small head, so that it is not counted as the large one's memory.
        try (LetheHead small = new LetheHead(kl, rows, width, 2048, threads)) {
            Timing.of(3, 0, small.withGradients()::once);
        }
        int vocabulary = Integer.parseInt(args[3]);
        try (LetheHead head = new LetheHead(kl, rows, width, vocabulary, threads)) {
            long base = ProcessMemory.residentKib();
            ProcessMemory.forgetPeak();
            Timing timing =
                    Timing.of(0, Double.parseDouble(args[5]), head.withGradients()::once);
            long gradients = (head.dHidden.bytes() + head.dWeight[0].bytes()) >> 10;
            long beyond = ProcessMemory.peakKib() - base - gradients;
            System.out.printf("peer %s beyond_kib=%d%n", timing, beyond);
        }
    }
}
