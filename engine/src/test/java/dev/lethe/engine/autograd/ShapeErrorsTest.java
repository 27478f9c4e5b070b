package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Wrong inputs are refused by name, with what was got.
class ShapeErrorsTest {
    private static Tensor f64(int... dims) {
        return Tensor.zeros(DType.F64, Shape.of(dims));
    }

    private static Tensor f32(int... dims) {
        return Tensor.zeros(DType.F32, Shape.of(dims));
    }

    private static Tensor ids(int... values) {
        return Tensor.ofInts(Shape.of(values.length), values);
    }

    private static LinearHead head(int rows, int width, int vocabulary) {
        return new LinearHead(f64(rows, width), f64(vocabulary, width), 0);
    }

    private interface Call {
        Object run();
    }

    private static Arguments wrong(Call call, String... parts) {
        return Arguments.of(List.of(parts).toString(), call, parts);
    }

    static Stream<Arguments> calls() {
        Attention all = new Attention(1, 0, 5);
        Function<LinearHead, Tensor> kl =
                teacher -> LinearKl.linearKl(head(3, 5, 7), teacher, ids(1, 1, 1), 1);
        return Stream.of(
                wrong(() -> Add.add(f64(3, 5), f64(3)), "add: ", "[3,5]", "[3]"),
                wrong(() -> Subtract.subtract(f64(3), f32(3)), "subtract: ", "F64[3]", "F32[3]"),
                wrong(() -> Multiply.multiply(f64(2, 3), f64(3, 2)), "multiply: ", "[3,2]"),
                wrong(() -> Divide.divide(f64(7), f64(5)), "divide: ", "[7]", "[5]"),
                wrong(() -> Broadcast.broadcast(f64(3), Shape.of(3, 5)), "broadcast: ", "[3,5]"),
                wrong(() -> Broadcast.broadcast(f64(3, 1), Shape.of(5)), "broadcast: ", "[3,1]"),
                wrong(() -> Where.where(f64(3), f64(5), f64(3)), "broadcast: ", "[5]", "[3]"),
                wrong(() -> Where.where(f32(3), f64(3), f64(3)), "where: ", "F32[3]"),
                wrong(() -> MatMul.matMul(f64(3, 5), f64(3, 5)), "matMul: ", "F64[3,5]"),
                wrong(() -> MatMul.matMul(f64(3, 5), f32(5, 3)), "matMul: ", "F32[5,3]"),
                wrong(() -> MatMul.matMul(f64(2, 3, 5), f64(3, 5, 7)), "matMul: ", "[2,3,5]"),
                wrong(() -> MatMul.matMul(f64(5), f64(5, 7)), "matMul: ", "F64[5]"),
                wrong(() -> Sum.sum(f64(3, 5), 2), "sum: ", "F64[3,5]", "got 2"),
                wrong(() -> Max.max(f64(3), -2), "max: ", "F64[3]", "got -2"),
                wrong(() -> Softmax.softmax(f64()), "softmax: ", "F64[]"),
                wrong(() -> LogSoftmax.logSoftmax(f64()), "logSoftmax: ", "F64[]"),
                wrong(() -> Slice.slice(f64(5), 0, 3, 3), "slice: [3, 6)", "F64[5]"),
                wrong(() -> Slice.slice(f64(5), 1, 0, 1), "slice: ", "got 1"),
                wrong(() -> Pad.pad(f64(5), 0, 1, 5), "pad: [1, 6)", "F64[5]"),
                wrong(() -> Reshape.reshape(f64(5), Shape.of(2, 3)), "reshape: ", "F64[5]", "6"),
                wrong(() -> Transpose.transpose(f64(3, 5), 0, 0), "transpose: ", "[0, 0]"),
                wrong(() -> Gather.gather(f64(3, 5), f64(2)), "gather: ", "F64[2]"),
                wrong(() -> Gather.gather(f64(3, 5), ids(0, 3)), "gather: ids", "got 3 at 1"),
                wrong(() -> ScatterAdd.scatterAdd(f64(3, 5), ids(0), 7), "scatterAdd: ", "I32[1]"),
                wrong(
                        () -> ScatterAdd.scatterAdd(f64(2, 1, 5), ids(0, 1), 7),
                        "scatterAdd: ",
                        "F64[2,1,5]"),
                wrong(() -> ScatterAdd.scatterAdd(f64(1, 5), f64(1), 7), "scatterAdd: ", "F64[1]"),
                wrong(() -> RmsNorm.rmsNorm(f64(3, 5), f64(3), 1e-6), "rmsNorm: weight F64[3]"),
                wrong(() -> RmsNorm.rmsNorm(f64(3, 5), f32(5), 1e-6), "rmsNorm: weight F32[5]"),
                wrong(() -> Rope.rope(f64(1, 3, 2, 5), 10, 0), "rope: ", "F64[1,3,2,5]"),
                wrong(() -> Geglu.geglu(f64(3), f64(1)), "geglu: ", "F64[1]"),
                wrong(
                        () -> all.attend(f64(1, 3, 3, 4), f64(1, 3, 2, 4), f64(1, 3, 2, 4)),
                        "attention: ",
                        "F64[1,3,3,4]"),
                wrong(
                        () -> all.attend(f64(1, 5, 2, 4), f64(1, 3, 2, 4), f64(1, 3, 2, 4)),
                        "attention: ",
                        "Tq at most Tk"),
                wrong(
                        () -> all.attend(f64(1, 3, 2, 4), f64(1, 3, 2, 4), f32(1, 3, 2, 4)),
                        "attention: ",
                        "F32[1,3,2,4]"),
                wrong(() -> new Attention(1, 0, 0), "attention: the window", "got 0"),
                wrong(
                        () -> MaskedMeanSquare.maskedMeanSquare(f64(3, 5), f64(3), ids(1, 1, 1), 1),
                        "maskedMeanSquare: x F64[3,5]",
                        "F64[3]"),
                wrong(
                        () -> MaskedMeanSquare.maskedMeanSquare(f64(3, 5), f64(5), ids(1, 1), 1),
                        "maskedMeanSquare: ",
                        "I32[2]"),
                wrong(() -> new LinearHead(f64(3, 5), f64(7, 3), 0), "linear head: ", "F64[7,3]"),
                wrong(
                        () ->
                                LinearCrossEntropy.linearCrossEntropy(
                                        head(3, 5, 7), ids(0, 1), 1),
                        "linearCrossEntropy: ",
                        "I32[2]"),
                wrong(
                        () ->
                                LinearCrossEntropy.linearCrossEntropy(
                                        head(3, 5, 7), ids(0, 7, 1), 1),
                        "linearCrossEntropy: target 7 of row 1"),
                wrong(
                        () -> LinearUniformKl.linearUniformKl(head(3, 5, 7), f64(3), 1),
                        "linearUniformKl: ",
                        "F64[3]"),
                wrong(() -> kl.apply(head(3, 5, 6)), "linearKl: ", "F64[6,5]"),
                wrong(() -> kl.apply(head(2, 5, 7)), "linearKl: ", "F64[2,5]"),
                wrong(
                        () -> kl.apply(new LinearHead(f32(3, 5), f32(7, 5), 0)),
                        "linearKl: ",
                        "F32[3,5]"),
                wrong(() -> Tensor.of(DType.I32, Shape.of(1), 1), "of: ", "ofInts"),
                wrong(() -> Tensor.of(DType.F64, Shape.of(2), 1), "of: shape [2]", "got 1"),
                wrong(() -> Autograd.gradients(f64(3), List.of()), "gradients: ", "F64[3]"),
                wrong(
                        () -> Autograd.gradients(f64(), List.of(f64(3))),
                        "gradients: F64[3] does not require a gradient"),
                wrong(
                        () -> Autograd.gradients(f64(3), f64(1, 3), List.of(), Mode.VALUES),
                        "gradients: seed must be F64[3], got F64[1,3]"),
                wrong(() -> new Gradients().of(f64(3)), "gradients: F64[3] was not among"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("calls")
    void refusedByName(String name, Call call, String[] parts) {
        try (ReferenceBackend backend = new ReferenceBackend();
                TensorArena _ = backend.openStep()) {
            RuntimeException refusal = assertThrows(RuntimeException.class, call::run, name);
            for (String part : parts) {
                assertTrue(refusal.getMessage().contains(part), refusal::getMessage);
            }
            assertTrue(!refusal.getMessage().contains("\n"), "one line");
        }
    }

    @Test
    void withoutAnOpenArena() {
        Map<String, Call> calls =
                Map.of(
                        "filled", () -> f64(3),
                        "tensor", () -> ids(1, 2));
        calls.forEach(
                (name, call) -> {
                    String message =
                            assertThrows(IllegalStateException.class, call::run).getMessage();
                    assertTrue(message.startsWith(name + ": no arena is open"), message);
                });
        Tensor x;
        try (ReferenceBackend backend = new ReferenceBackend();
                TensorArena kept = backend.openLongLived()) {
            x = Tensor.leaf(backend, kept.allocate(DType.F64, 3), Shape.of(3), true);
            String message =
                    assertThrows(IllegalStateException.class, () -> Exp.exp(x)).getMessage();
            assertTrue(message.startsWith("exp: no arena is open"), message);
        }
    }

    @Test
    void tensorsOfTwoBackends() {
        try (ReferenceBackend one = new ReferenceBackend();
                ReferenceBackend two = new ReferenceBackend();
                TensorArena _ = one.openStep()) {
            Tensor x = f64(3);
            try (TensorArena _ = two.openStep()) {
                String message =
                        assertThrows(IllegalArgumentException.class, () -> Add.add(f64(3), x))
                                .getMessage();
                assertTrue(message.startsWith("add: input 1 F64[3] lives on"), message);
            }
        }
    }
}
