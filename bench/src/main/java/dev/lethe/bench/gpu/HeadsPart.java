package dev.lethe.bench.gpu;

import dev.lethe.bench.results.Medians;
import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.LinearKl.linearKl;
import static dev.lethe.engine.autograd.LinearUniformKl.linearUniformKl;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.PrimitiveBackend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.kernels.cuda.CudaBackend;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The loss heads with their gradients at Gemma's vocabulary, fused beside naive: the fused kernels
/// beside matmul, soft-cap, log-softmax and the rest one after the other.
///
/// Memory is that of a step beyond weights, hidden states and their gradients.
final class HeadsPart implements Part {
    private static final int VOCABULARY = 256_000;
    private static final double CAP = 30;
    private static final double AGREEMENT = 1e-4; // two orders of F32 sums
    private static final double LESS_MEMORY = 20;
    private static final int REPEATS = 10;

    @Override
    public String name() {
        return "heads";
    }

    @Override
    public String about() {
        return "cross-entropy, KL and uniform KL at vocabulary 256000, fused beside naive, in F32";
    }

    @Override
    public String smaller() {
        return "24 rows of 16 at a vocabulary of 512";
    }

    private enum Loss {
        CROSS_ENTROPY,
        KL,
        UNIFORM_KL
    }

    private record Size(int rows, int width, int vocabulary) {}

    /// @param gradient of the hidden states
    /// @param stepBytes of the largest step
    private record Outcome(double loss, double[] gradient, double seconds, long stepBytes) {}

    @Override
    public void run(Setting setting, Findings findings) {
        Size size =
                setting.tiny() ? new Size(24, 16, 512) : new Size(2048, 768, VOCABULARY);
        // Where the column has no kernels of its own, both sides are the composite.
        findings.target("fused kernels for the heads", fusedKernels(), "", 1);
        for (Loss loss : Loss.values()) {
            Outcome fused = outcome(loss, size, false);
            String what = loss.name().toLowerCase(Locale.ROOT).replace('_', '-');
            double gradients =
                    4.0 * size.width * (size.rows + (double) size.vocabulary);
            findings.measured(what + ": fused", 1e3 * fused.seconds, "ms");
            findings.measured(
                    what + ": fused, memory", (fused.stepBytes - gradients) / 0x1p20, "MiB");
            Outcome naive;
            try {
                naive = outcome(loss, size, true);
            } catch (OutOfMemoryError e) {
                System.out.println(what + ": naive does not fit: " + e.getMessage());
                continue;
            }
            findings.measured(what + ": naive", 1e3 * naive.seconds, "ms");
            findings.measured(
                    what + ": naive, memory", (naive.stepBytes - gradients) / 0x1p20, "MiB");
            findings.atMost(
                    what + ": loss, fused beside naive",
                    Math.abs(fused.loss / naive.loss - 1),
                    AGREEMENT);
            findings.atMost(
                    what + ": gradient, fused beside naive",
                    Distances.relative(naive.gradient, fused.gradient),
                    AGREEMENT);
            double times = (naive.stepBytes - gradients) / (fused.stepBytes - gradients);
            if (setting.tiny()) { // at this size there is nothing to save
                findings.measured(what + ": naive memory over fused", times, "");
            } else {
                findings.target(what + ": naive memory over fused", times, "", LESS_MEMORY);
            }
        }
    }

    private static int fusedKernels() {
        try (CudaBackend cuda = new CudaBackend()) {
            return cuda.linearLoss(DType.F32).isPresent() ? 1 : 0;
        }
    }

    private static Outcome outcome(Loss loss, Size size, boolean naive) {
        try (CudaBackend cuda = new CudaBackend()) {
            Backend backend = naive ? new PrimitiveBackend(cuda) : cuda;
            try (TensorArena kept = backend.openLongLived()) {
                return new Heads(backend, kept, size).measure(loss, cuda);
            }
        }
    }

    /// Two heads on a backend.
    private static final class Heads {
        private final Backend backend;
        private final TensorArena kept;
        private final Size size;
        private final LinearHead student;
        private final Tensor marks;

        Heads(Backend backend, TensorArena kept, Size size) {
            this.backend = backend;
            this.kept = kept;
            this.size = size;
            student = head(0, true);
            int[] targets = new int[size.rows];
            Arrays.setAll(targets, row -> 1 + (int) (row * 7L % (size.vocabulary - 1)));
            Buffer values = kept.allocate(DType.I32, size.rows);
            backend.upload(MemorySegment.ofArray(targets), values);
            marks = Tensor.leaf(backend, values, Shape.of(size.rows), false);
        }

        private LinearHead head(int stream, boolean differentiated) {
            return new LinearHead(
                    normal(stream, 1, differentiated, size.rows),
                    normal(stream + 1, 0.02, differentiated, size.vocabulary),
                    CAP);
        }

        private Tensor normal(int stream, double deviation, boolean differentiated, int count) {
            Shape shape = Shape.of(count, size.width);
            Buffer values = kept.allocate(DType.F32, shape.size());
            backend.random()
                    .fill(
                            new PhiloxStream(1, Purpose.PROBE, stream),
                            0,
                            new Distribution.Normal(0, deviation),
                            values);
            return Tensor.leaf(backend, values, shape, differentiated);
        }

        Outcome measure(Loss loss, CudaBackend cuda) {
            LinearHead teacher = loss == Loss.KL ? head(2, false) : null;
            double value;
            double[] gradient;
            try (TensorArena _ = backend.openStep()) {
                Tensor found = value(loss, teacher);
                Gradients gradients = gradients(found);
                value = found.toDoubles()[0];
                gradient = gradients.of(student.hidden()).toDoubles();
            }
            double[] seconds = new double[REPEATS];
            for (int i = 0; i < REPEATS; i++) {
                long begin = System.nanoTime();
                try (TensorArena _ = backend.openStep()) {
                    gradients(value(loss, teacher));
                    cuda.synchronize();
                }
                seconds[i] = (System.nanoTime() - begin) * 1e-9;
            }
            return new Outcome(
                    value, gradient, Medians.of(seconds), cuda.memory().expectedStepBytes());
        }

        private Tensor value(Loss loss, LinearHead teacher) {
            return switch (loss) {
                case CROSS_ENTROPY -> linearCrossEntropy(student, marks, size.rows);
                case KL -> linearKl(student, teacher, marks, size.rows);
                case UNIFORM_KL -> linearUniformKl(student, marks, size.rows);
            };
        }

        private Gradients gradients(Tensor loss) {
            return Autograd.gradients(
                    loss, List.of(student.hidden(), student.weight()), Autograd.Mode.VALUES);
        }
    }
}
