package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.memory.Buffer;

/// F32. Rows go through in chunks whose logits fit the second-level cache: `L = H W^T`, row by row the
/// loss and in place its gradient ([LogitRows]), then `dH = L W` and `dW += L^T H`. The loss is summed
/// in F64, row after row.
final class CpuLinearLoss implements LinearLossKernels {
    private static final int CHUNK = 1 << 18; // logits: 1 MiB
    private static final int LEAST_ROWS = 16;

    private static final Scratch SCRATCH = new Scratch();

    private final Gemm gemm;

    CpuLinearLoss(Gemm gemm) {
        this.gemm = gemm;
    }

    /// The loss of one row, whose logits may become its gradient.
    private interface RowLoss {
        double of(int row, LogitRows logits, long student, long teacher);
    }

    @Override
    public void crossEntropy(
            Head head, Buffer targets, double scale, Buffer loss, Wanted wanted) {
        long ids = Expect.ints("crossEntropy: targets", targets, head.rows());
        for (int row = 0; row < head.rows(); row++) {
            if (target(ids, row) >= head.vocabulary()) {
                throw new IndexOutOfBoundsException(
                        "crossEntropy: target %d at %d must be below the vocabulary of %d; check the tokenizer"
                                .formatted(target(ids, row), row, head.vocabulary()));
            }
        }
        run(
                "crossEntropy",
                head,
                null,
                new Result(scale, loss, wanted),
                (row, rows, logits, _) ->
                        target(ids, row) < 0
                                ? rows.ignored(logits)
                                : rows.crossEntropy(logits, target(ids, row)));
    }

    @Override
    public void kl(
            Head student, Head teacher, Buffer mask, double scale, Buffer loss, Wanted wanted) {
        if (teacher.rows() != student.rows() || teacher.vocabulary() != student.vocabulary()) {
            throw new IllegalArgumentException(
                    "kl: student and teacher must have the same rows and vocabulary, got %d x %d and %d x %d"
                            .formatted(
                                    student.rows(),
                                    student.vocabulary(),
                                    teacher.rows(),
                                    teacher.vocabulary()));
        }
        long kept = Expect.ints("kl: mask", mask, student.rows());
        run(
                "kl",
                student,
                teacher,
                new Result(scale, loss, wanted),
                (row, rows, logits, teacherLogits) ->
                        target(kept, row) == 0
                                ? rows.ignored(logits)
                                : rows.kl(logits, teacherLogits, (float) teacher.softCap()));
    }

    @Override
    public void uniformKl(Head head, Buffer mask, double scale, Buffer loss, Wanted wanted) {
        long kept = Expect.ints("uniformKl: mask", mask, head.rows());
        run(
                "uniformKl",
                head,
                null,
                new Result(scale, loss, wanted),
                (row, rows, logits, _) ->
                        target(kept, row) == 0 ? rows.ignored(logits) : rows.uniformKl(logits));
    }

    private static int target(long ids, int row) {
        return HostMemory.i32(ids + (long) row * Integer.BYTES);
    }

    private record Result(double scale, Buffer loss, Wanted wanted) {
        boolean needsGradient() {
            return wanted.dHidden() != null || wanted.dWeight() != null;
        }
    }

    private void run(String name, Head head, Head teacher, Result result, RowLoss rowLoss) {
        check(name, head);
        long out = Expect.floats(name + ": loss", result.loss, 1);
        Wanted wanted = result.wanted;
        if (wanted.dHidden() != null) {
            Expect.floats(name + ": dHidden", wanted.dHidden(), head.hidden().length());
        }
        if (wanted.dWeight() != null) {
            Expect.floats(name + ": dWeight", wanted.dWeight(), head.weight().length());
            if (head.rows() == 0) {
                HostMemory.zero(wanted.dWeight().address(), wanted.dWeight().bytes());
            }
        }
        if (teacher != null) {
            check(name + " of the teacher", teacher);
        }
        int vocabulary = head.vocabulary();
        int most = Math.min(head.rows(), Math.max(LEAST_ROWS, CHUNK / vocabulary));
        long logitBytes = Scratch.floats((long) most * vocabulary);
        long rowBytes = Scratch.floats(vocabulary);
        long student = SCRATCH.bytes(2 * logitBytes + 2 * rowBytes);
        long taught = student + logitBytes;
        long spare = taught + logitBytes;
        LogitRows rows =
                new LogitRows(
                        vocabulary,
                        (float) head.softCap(),
                        (float) result.scale,
                        result.needsGradient(),
                        spare,
                        spare + rowBytes);
        double sum = 0;
        for (int first = 0; first < head.rows(); first += most) {
            int count = Math.min(most, head.rows() - first);
            logits(head, first, count, student);
            if (teacher != null) {
                logits(teacher, first, count, taught);
            }
            for (int row = 0; row < count; row++) {
                long offset = (long) row * vocabulary * Float.BYTES;
                sum += rowLoss.of(first + row, rows, student + offset, taught + offset);
            }
            multiplyBack(head, first, count, student, wanted);
        }
        F32.set(out, 0, (float) (result.scale * sum));
    }

    private static void check(String name, Head head) {
        if (head.rows() < 0 || head.width() < 1 || head.vocabulary() < 1) {
            throw new IllegalArgumentException(
                    "%s: width and vocabulary must be at least 1, got %d and %d"
                            .formatted(name, head.width(), head.vocabulary()));
        }
        Expect.floats(name + ": hidden", head.hidden(), (long) head.rows() * head.width());
        Expect.floats(name + ": weight", head.weight(), (long) head.vocabulary() * head.width());
    }

    private static long rowAt(Buffer hidden, Head head, int row) {
        return hidden.address() + (long) row * head.width() * Float.BYTES;
    }

    private void logits(Head head, int first, int count, long to) {
        gemm.f32(
                false, true, count, head.vocabulary(), head.width(),
                rowAt(head.hidden(), head, first), head.width(), head.weight().address(),
                head.width(), false, to, head.vocabulary());
    }

    private void multiplyBack(Head head, int first, int count, long dLogits, Wanted wanted) {
        if (wanted.dHidden() != null) {
            gemm.f32(
                    false, false, count, head.width(), head.vocabulary(), dLogits,
                    head.vocabulary(), head.weight().address(), head.width(), false,
                    rowAt(wanted.dHidden(), head, first), head.width());
        }
        if (wanted.dWeight() != null) {
            gemm.f32(
                    true, false, head.vocabulary(), head.width(), count, dLogits,
                    head.vocabulary(), rowAt(head.hidden(), head, first), head.width(), first > 0,
                    wanted.dWeight().address(), head.width());
        }
    }
}
