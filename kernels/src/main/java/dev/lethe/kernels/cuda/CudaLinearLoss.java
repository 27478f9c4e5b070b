package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;
import java.util.ArrayList;
import java.util.List;

/// Rows go through in [LogitChunks]: cuBLAS makes `L = H W^T`, one kernel turns it into losses and
/// in place into its own gradient, and cuBLAS takes that back, `dH = L W` and `dW += L^T H`. The
/// rows' losses stay on the device and are added up at the end, in one order.
///
/// Targets are checked by the caller, before upload; one outside the vocabulary is a loss of NaN
/// here.
final class CudaLinearLoss implements LinearLossKernels {
    static final KernelSource SOURCE =
            KernelSource.contracted(
                    "linearloss",
                    "linearloss_cross_entropy(accumulator* logits, const int* targets,"
                            + " accumulator* losses, int vocabulary, int pitch,"
                            + " accumulator softCap, double scale, const double* scalePlace,"
                            + " int gradient)",
                    "linearloss_kl(accumulator* logits, const accumulator* teacher,"
                            + " const int* mask, accumulator* losses, int vocabulary, int pitch,"
                            + " accumulator softCap, accumulator teacherSoftCap, double scale,"
                            + " const double* scalePlace, int gradient)",
                    "linearloss_uniform_kl(accumulator* logits, const int* mask,"
                            + " accumulator* losses, int vocabulary, int pitch,"
                            + " accumulator softCap, double scale, const double* scalePlace,"
                            + " int gradient)",
                    "linearloss_sum(const accumulator* losses, accumulator* loss, int rows,"
                            + " double scale, const double* scalePlace)",
                    "linearloss_narrow(const accumulator* sums, element* y, long long n)");
    private static final Kernel CROSS_ENTROPY = SOURCE.kernel("linearloss_cross_entropy");
    private static final Kernel KL = SOURCE.kernel("linearloss_kl");
    private static final Kernel UNIFORM_KL = SOURCE.kernel("linearloss_uniform_kl");
    private static final Kernel SUM = SOURCE.kernel("linearloss_sum");
    private static final Kernel NARROW = SOURCE.kernel("linearloss_narrow");

    private static final int SUM_THREADS = 256;
    private static final long ALIGNMENT = 512; // bytes

    private final CudaDevice device;
    private final KernelLauncher launcher;
    private final LogitProducts products;
    private final DeviceScratch scratch;
    private final LogitChunks.Budget budget;

    CudaLinearLoss(
            CudaDevice device,
            KernelLauncher launcher,
            Cublas cublas,
            DeviceScratch scratch,
            LogitChunks.Budget budget) {
        this.device = device;
        this.launcher = launcher;
        this.products = new LogitProducts(cublas);
        this.scratch = scratch;
        this.budget = budget;
    }

    @Override
    public void crossEntropy(
            Head head, Buffer targets, Factor scale, Buffer loss, Wanted wanted) {
        Operands.exactly("crossEntropy: targets", targets, DType.I32, head.rows());
        run("crossEntropy", head, null, new Result(scale, loss, wanted), CROSS_ENTROPY, targets);
    }

    @Override
    public void kl(
            Head student, Head teacher, Buffer mask, Factor scale, Buffer loss, Wanted wanted) {
        if (teacher.rows() != student.rows()
                || teacher.vocabulary() != student.vocabulary()
                || teacher.hidden().dtype() != student.hidden().dtype()) {
            throw new IllegalArgumentException(
                    ("kl: student and teacher must have the same rows, vocabulary and element"
                                    + " type, got %d x %d %s and %d x %d %s")
                            .formatted(
                                    student.rows(),
                                    student.vocabulary(),
                                    student.hidden().dtype(),
                                    teacher.rows(),
                                    teacher.vocabulary(),
                                    teacher.hidden().dtype()));
        }
        Operands.exactly("kl: mask", mask, DType.I32, student.rows());
        run("kl", student, teacher, new Result(scale, loss, wanted), KL, mask);
    }

    @Override
    public void uniformKl(Head head, Buffer mask, Factor scale, Buffer loss, Wanted wanted) {
        Operands.exactly("uniformKl: mask", mask, DType.I32, head.rows());
        run("uniformKl", head, null, new Result(scale, loss, wanted), UNIFORM_KL, mask);
    }

    /// What a call writes.
    private record Result(Factor scale, Buffer loss, Wanted wanted) {
        /// Whether kernels must leave the gradient of the logits, as they take it.
        int gradient() {
            return wanted.dHidden() != null || wanted.dWeight() != null ? 1 : 0;
        }

        void check(String name, Head head) {
            DType dtype = head.hidden().dtype();
            Operands.exactly(name + ": loss", loss, dtype.accumulator(), 1);
            check(name + ": dHidden", wanted.dHidden(), head, head.hidden());
            check(name + ": dWeight", wanted.dWeight(), head, head.weight());
        }

        private static void check(String what, Buffer gradient, Head head, Buffer of) {
            if (gradient != null) {
                Operands.exactly(what, gradient, of.dtype(), of.length());
                Operands.apart(what, gradient, head.hidden());
                Operands.apart(what, gradient, head.weight());
            }
        }
    }

    private static void check(String name, Head head) {
        if (head.rows() < 0 || head.width() < 1 || head.vocabulary() < 1) {
            throw new IllegalArgumentException(
                    "%s: width and vocabulary must be at least 1, got %d and %d"
                            .formatted(name, head.width(), head.vocabulary()));
        }
        DType dtype = Operands.floating(name + ": hidden", head.hidden());
        Operands.exactly(
                name + ": hidden", head.hidden(), dtype, (long) head.rows() * head.width());
        Operands.exactly(
                name + ": weight", head.weight(), dtype, (long) head.vocabulary() * head.width());
    }

    /// Rows `first` to `first + count` with their logits at hand.
    ///
    /// @param dtype of hidden states and weights; logits and losses are in the type of its sums
    record Chunk(
            DType dtype,
            int first,
            int count,
            int pitch,
            DeviceAddress logits,
            DeviceAddress teacher,
            DeviceAddress losses,
            Grid grid) {}

    /// The walk over chunks that all losses share.
    ///
    /// @param teacher null where the loss has none
    /// @param rowKernel turns a chunk's logits into losses and gradients
    /// @param perRow the row kernel's number of each row
    private void run(
            String name,
            Head head,
            Head teacher,
            Result result,
            Kernel rowKernel,
            Buffer perRow) {
        check(name, head);
        if (teacher != null) {
            check(name + " of the teacher", teacher);
        }
        result.check(name, head);
        synchronized (device) { // from the scratch to its last use
            Memory memory = reserve(head, teacher, result.wanted);
            LogitChunks chunks = memory.chunks;
            for (int first = 0; first < head.rows(); first += chunks.rows()) {
                Chunk chunk = memory.chunk(head, first);
                products.logits(head, chunk, chunk.logits);
                if (teacher != null) {
                    products.logits(teacher, chunk, chunk.teacher);
                }
                launcher.launch(
                        rowKernel,
                        chunk.dtype,
                        chunk.grid,
                        arguments(head, teacher, result, chunk, perRow));
                if (result.wanted.dHidden() != null) {
                    products.dHidden(head, chunk, result.wanted.dHidden());
                }
                if (result.wanted.dWeight() != null) {
                    products.dWeight(head, chunk, memory.dWeight);
                }
            }
            finish(name, head, memory, result);
        }
    }

    /// What a row kernel takes: the same for all, and the teacher's logits and cap where there is
    /// one.
    private static Object[] arguments(
            Head head, Head teacher, Result result, Chunk chunk, Buffer perRow) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(chunk.logits);
        if (teacher != null) {
            arguments.add(chunk.teacher);
        }
        arguments.add(perRow.slice(chunk.first, chunk.count));
        arguments.add(chunk.losses);
        arguments.add(head.vocabulary());
        arguments.add(chunk.pitch);
        arguments.add(head.softCap());
        if (teacher != null) {
            arguments.add(teacher.softCap());
        }
        arguments.add(result.scale.value());
        arguments.add(Operands.place(result.scale));
        arguments.add(result.gradient());
        return arguments.toArray();
    }

    /// A call's scratch. `dWeight` is the result itself where nothing is rounded between chunks.
    private record Memory(
            LogitChunks chunks,
            DeviceAddress logits,
            DeviceAddress teacher,
            DeviceAddress losses,
            LogitProducts.Sum dWeight) {
        Chunk chunk(Head head, int first) {
            int count = Math.min(chunks.rows(), head.rows() - first);
            DType dtype = head.hidden().dtype();
            return new Chunk(
                    dtype,
                    first,
                    count,
                    chunks.pitch(),
                    logits,
                    teacher,
                    losses.plus((long) first * dtype.accumulator().bytes()),
                    Grid.of(count, chunks.threads()));
        }
    }

    @Override
    public long workspaceBytes(int rows, int width, int vocabulary, int heads, DType dtype) {
        DType sums = dtype.accumulator();
        LogitChunks chunks = LogitChunks.of(rows, vocabulary, heads, sums, budget);
        boolean widened = dtype != sums && chunks.rows() < rows;
        return heads * aligned(chunks.bytes())
                + aligned((long) rows * sums.bytes())
                + (widened ? (long) vocabulary * width * sums.bytes() : 0);
    }

    private Memory reserve(Head head, Head teacher, Wanted wanted) {
        DType sums = head.hidden().dtype().accumulator();
        int matrices = teacher == null ? 1 : 2;
        LogitChunks chunks =
                LogitChunks.of(head.rows(), head.vocabulary(), matrices, sums, budget);
        Buffer dWeight = wanted.dWeight();
        boolean widened =
                dWeight != null && dWeight.dtype() != sums && chunks.rows() < head.rows();
        long logits = aligned(chunks.bytes());
        long losses = aligned((long) head.rows() * sums.bytes());
        long weights = widened ? dWeight.length() * sums.bytes() : 0;
        DeviceAddress at = scratch.bytes(matrices * logits + losses + weights);
        DeviceAddress afterLogits = at.plus(matrices * logits);
        LogitProducts.Sum sum = null;
        if (widened) {
            sum = new LogitProducts.Sum(afterLogits.plus(losses).value(), sums);
        } else if (dWeight != null) {
            sum = new LogitProducts.Sum(dWeight.address(), dWeight.dtype());
        }
        return new Memory(chunks, at, at.plus(logits), afterLogits, sum);
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void finish(String name, Head head, Memory memory, Result result) {
        DType dtype = head.hidden().dtype();
        Buffer dWeight = result.wanted.dWeight();
        if (dWeight != null && head.rows() == 0) {
            device.zero(dWeight, name + " of no rows");
        } else if (dWeight != null && memory.dWeight.dtype() != dtype) {
            launcher.launch(
                    NARROW, dtype, Grid.over(dWeight.length()),
                    new DeviceAddress(memory.dWeight.address()), dWeight, dWeight.length());
        }
        launcher.launch(
                SUM, dtype, Grid.of(1, SUM_THREADS), memory.losses, result.loss, head.rows(),
                result.scale.value(), Operands.place(result.scale));
    }
}
