package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// F32, by [LinearLossPass].
final class CpuLinearLoss implements LinearLossKernels {
    private static final Scratch SCRATCH = new Scratch();

    private final Gemm gemm;

    CpuLinearLoss(Gemm gemm) {
        this.gemm = gemm;
    }

    /// Makes a loss in scratch memory: for a piece of a row, and per row one F64 and each softmax.
    private interface Loss {
        RowLoss of(OnlineSoftmax student, OnlineSoftmax teacher, long piece, RowNumbers numbers);
    }

    @Override
    public void crossEntropy(
            Head head, Buffer targets, Factor scale, Buffer loss, Wanted wanted) {
        long ids = Expect.ints("crossEntropy: targets", targets, head.rows());
        for (int row = 0; row < head.rows(); row++) {
            if (RowLoss.number(ids, row) >= head.vocabulary()) {
                throw new IndexOutOfBoundsException(
                        ("crossEntropy: target %d at %d must be below the vocabulary of %d;"
                                        + " check the tokenizer")
                                .formatted(RowLoss.number(ids, row), row, head.vocabulary()));
            }
        }
        run(
                "crossEntropy",
                head,
                null,
                new Result(scale.value(), loss, wanted),
                (softmax, _, _, picked) ->
                        new CrossEntropyRows(softmax, ids, (float) scale.value(), picked));
    }

    @Override
    public void kl(
            Head student, Head teacher, Buffer mask, Factor scale, Buffer loss, Wanted wanted) {
        if (teacher.rows() != student.rows() || teacher.vocabulary() != student.vocabulary()) {
            throw new IllegalArgumentException(
                    ("kl: student and teacher must have the same rows and vocabulary,"
                                    + " got %d x %d and %d x %d")
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
                new Result(scale.value(), loss, wanted),
                (softmax, taught, q, differences) ->
                        new KlRows(softmax, taught, kept, (float) scale.value(), q, differences));
    }

    @Override
    public void uniformKl(Head head, Buffer mask, Factor scale, Buffer loss, Wanted wanted) {
        long kept = Expect.ints("uniformKl: mask", mask, head.rows());
        run(
                "uniformKl",
                head,
                null,
                new Result(scale.value(), loss, wanted),
                (softmax, _, _, sums) ->
                        new UniformKlRows(
                                head.vocabulary(), softmax, kept, (float) scale.value(), sums));
    }

    private record Result(double scale, Buffer loss, Wanted wanted) {}

    private void run(String name, Head head, Head teacher, Result result, Loss loss) {
        check(name, head);
        long out = Expect.floats(name, "loss", result.loss, 1);
        Wanted wanted = result.wanted;
        if (wanted.dHidden() != null) {
            Expect.floats(name, "dHidden", wanted.dHidden(), head.hidden().length());
        }
        if (wanted.dWeight() != null) {
            Expect.floats(name, "dWeight", wanted.dWeight(), head.weight().length());
            if (head.rows() == 0) {
                HostMemory.zero(wanted.dWeight().address(), wanted.dWeight().bytes());
            }
        }
        if (teacher != null) {
            check(name + " of the teacher", teacher);
        }
        F32.set(out, 0, (float) (result.scale * pass(head, teacher, wanted, loss).run()));
    }

    @Override
    public long workspaceBytes(int rows, int width, int vocabulary, int heads, DType dtype) {
        LogitTiling tiling = LogitTiling.of(rows, vocabulary, heads);
        return heads * tiling.tiles() * tiling.bytes()
                + Scratch.floats(tiling.columns())
                + 5 * RowNumbers.bytes(rows);
    }

    private LinearLossPass pass(Head head, Head teacher, Wanted wanted, Loss loss) {
        int heads = teacher == null ? 1 : 2;
        LogitTiling tiling = LogitTiling.of(head.rows(), head.vocabulary(), heads);
        long tiles = LinearLossPass.bytes(tiling, wanted);
        long piece = Scratch.floats(tiling.columns());
        long numbers = RowNumbers.bytes(head.rows());
        long student = SCRATCH.bytes(heads * tiles + piece + 5 * numbers);
        long taught = student + (heads - 1) * tiles;
        long spare = taught + tiles;
        long perRow = spare + piece;
        float teacherCap = teacher == null ? 0 : (float) teacher.softCap();
        RowLoss rowLoss =
                loss.of(
                        new OnlineSoftmax(
                                (float) head.softCap(),
                                new RowNumbers(perRow + numbers),
                                new RowNumbers(perRow + 2 * numbers)),
                        new OnlineSoftmax(
                                teacherCap,
                                new RowNumbers(perRow + 3 * numbers),
                                new RowNumbers(perRow + 4 * numbers)),
                        spare,
                        new RowNumbers(perRow));
        return new LinearLossPass(
                gemm, head, teacher, wanted, tiling, rowLoss, student, taught);
    }

    private static void check(String name, Head head) {
        if (head.rows() < 0 || head.width() < 1 || head.vocabulary() < 1) {
            throw new IllegalArgumentException(
                    "%s: width and vocabulary must be at least 1, got %d and %d"
                            .formatted(name, head.width(), head.vocabulary()));
        }
        Expect.floats(name, "hidden", head.hidden(), (long) head.rows() * head.width());
        Expect.floats(name, "weight", head.weight(), (long) head.vocabulary() * head.width());
    }
}
