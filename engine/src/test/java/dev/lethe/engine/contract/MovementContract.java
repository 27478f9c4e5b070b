package dev.lethe.engine.contract;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [dev.lethe.engine.backend.MovementKernels]: bits are moved, never changed.
public abstract class MovementContract extends KernelContract {
    private record Broadcast(Shape from, Shape to) {}

    private record Transpose(Shape from, int... permutation) {}

    private record Part(Shape from, int axis, int start, int length) {}

    /// Numbers with NaN and infinity among them, which must arrive where they belong.
    private static double[] elements(Shape shape, DType dtype) {
        double[] x = new Numbers(shape.hashCode(), dtype).normal(1, (int) shape.size());
        if (x.length > 2) {
            x[x.length / 2] = Double.NaN;
            x[x.length - 1] = Double.NEGATIVE_INFINITY;
        }
        return x;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void broadcast(DType dtype) {
        List<Broadcast> cases =
                List.of(
                        new Broadcast(Shape.scalar(), Shape.scalar()),
                        new Broadcast(Shape.of(1), Shape.of(130)),
                        new Broadcast(Shape.of(17), Shape.of(17)),
                        new Broadcast(Shape.of(1, 67), Shape.of(33, 67)),
                        new Broadcast(Shape.of(33, 1), Shape.of(33, 67)),
                        new Broadcast(Shape.of(1, 1), Shape.of(3, 7)),
                        new Broadcast(Shape.of(3, 1, 7), Shape.of(3, 5, 7)),
                        new Broadcast(Shape.of(1, 5, 1), Shape.of(3, 5, 7)),
                        new Broadcast(Shape.of(2, 1, 3, 1), Shape.of(2, 15, 3, 16)),
                        new Broadcast(Shape.of(1, 2, 1, 3, 1), Shape.of(2, 2, 3, 3, 2)),
                        new Broadcast(Shape.of(1, 3), Shape.of(0, 3)));
        for (Broadcast one : cases) {
            Run run =
                    (bench, inputs) -> {
                        Buffer y = bench.output(one.to.size());
                        bench.backend()
                                .movement()
                                .broadcast(one.from, one.to, bench.input(inputs[0]), y);
                        return bench.read(y);
                    };
            checkExactly(one.toString(), dtype, run, elements(one.from, dtype));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void transpose(DType dtype) {
        List<Transpose> cases =
                List.of(
                        new Transpose(Shape.scalar()),
                        new Transpose(Shape.of(17), 0),
                        new Transpose(Shape.of(33, 67), 1, 0),
                        new Transpose(Shape.of(33, 67), 0, 1),
                        new Transpose(Shape.of(1, 130), 1, 0),
                        new Transpose(Shape.of(3, 7, 15), 2, 0, 1),
                        new Transpose(Shape.of(3, 7, 15), 0, 2, 1),
                        new Transpose(Shape.of(3, 7, 15), 2, 1, 0),
                        new Transpose(Shape.of(2, 17, 3, 31), 0, 2, 1, 3),
                        new Transpose(Shape.of(2, 17, 3, 16), 0, 2, 3, 1),
                        new Transpose(Shape.of(2, 3, 1, 5, 7), 4, 2, 0, 3, 1),
                        new Transpose(Shape.of(0, 3), 1, 0));
        for (Transpose one : cases) {
            Run run =
                    (bench, inputs) -> {
                        Buffer y = bench.output(one.from.size());
                        bench.backend()
                                .movement()
                                .transpose(one.from, one.permutation, bench.input(inputs[0]), y);
                        return bench.read(y);
                    };
            checkExactly(
                    "transpose %s by %s"
                            .formatted(one.from, Arrays.toString(one.permutation)),
                    dtype,
                    run,
                    elements(one.from, dtype));
        }
    }

    private static List<Part> parts() {
        return List.of(
                new Part(Shape.of(17), 0, 0, 17),
                new Part(Shape.of(17), 0, 16, 1),
                new Part(Shape.of(130), 0, 3, 67),
                new Part(Shape.of(33, 67), 0, 1, 31),
                new Part(Shape.of(33, 67), 1, 2, 64),
                new Part(Shape.of(33, 67), 1, 66, 1),
                new Part(Shape.of(3, 7, 5), 1, 2, 3),
                new Part(Shape.of(2, 3, 16, 2), 2, 15, 1),
                new Part(Shape.of(3, 7), 1, 7, 0),
                new Part(Shape.of(3, 7), 0, 0, 0));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void slice(DType dtype) {
        for (Part part : parts()) {
            Run run =
                    (bench, inputs) -> {
                        Buffer y = bench.output(part.from.with(part.axis, part.length).size());
                        Buffer x = bench.input(inputs[0]);
                        bench.backend()
                                .movement()
                                .slice(part.from, part.axis, part.start, part.length, x, y);
                        return bench.read(y);
                    };
            checkExactly(part.toString(), dtype, run, elements(part.from, dtype));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void padFillsTheRestWithZero(DType dtype) {
        for (Part part : parts()) {
            Shape small = part.from.with(part.axis, part.length);
            int total = part.from.dim(part.axis);
            Run run =
                    (bench, inputs) -> {
                        Buffer y = bench.output(part.from.size());
                        Buffer x = bench.input(inputs[0]);
                        bench.backend().movement().pad(small, part.axis, part.start, total, x, y);
                        return bench.read(y);
                    };
            checkExactly("pad to " + part, dtype, run, elements(small, dtype));
        }
    }
}
