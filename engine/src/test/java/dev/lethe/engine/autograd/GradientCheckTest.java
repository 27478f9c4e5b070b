package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The walk refuses what a wrong backward pass returns. Operations are sealed, so that none can be
/// broken for a test: the check itself is called.
class GradientCheckTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private TensorArena step;
    private Node node;
    private Tensor fitting;

    @BeforeEach
    void open() {
        step = backend.openStep();
        fitting = Tensor.zeros(DType.F64, Shape.of(3, 5));
        Tensor x = Tensor.leaf(backend, fitting.buffer(), fitting.shape(), true);
        node = Add.add(x, x).node();
    }

    @AfterEach
    void close() {
        step.close();
        backend.close();
    }

    private String refusal(Tensor[] gradients, boolean... needed) {
        return assertThrows(
                        RuntimeException.class,
                        () -> Autograd.requireGradients(node, gradients, needed))
                .getMessage();
    }

    @Test
    void oneGradientAnInputPasses() {
        assertDoesNotThrow(
                () ->
                        Autograd.requireGradients(
                                node, new Tensor[] {fitting, fitting}, new boolean[] {true, true}));
        assertDoesNotThrow(
                () ->
                        Autograd.requireGradients(
                                node, new Tensor[] {null, fitting}, new boolean[] {false, true}));
    }

    @Test
    void wrongNumber() {
        assertEquals(
                "add backward: expected one gradient an input (2), got 1",
                refusal(new Tensor[] {fitting}, true, true));
        assertEquals(
                "add backward: expected one gradient an input (2), got 3",
                refusal(new Tensor[] {fitting, fitting, null}, true, true));
    }

    @Test
    void missing() {
        assertEquals(
                "add backward: the gradient of input 1 is needed and missing",
                refusal(new Tensor[] {fitting, null}, true, true));
    }

    @Test
    void notAskedFor() {
        assertEquals(
                "add backward: computed the gradient of input 0, which nobody asked for",
                refusal(new Tensor[] {fitting, fitting}, false, true));
    }

    @Test
    void wrongShapeOrType() {
        Tensor turned = Tensor.zeros(DType.F64, Shape.of(5, 3));
        assertEquals(
                "add backward: gradient 1 must be F64[3,5], got F64[5,3]",
                refusal(new Tensor[] {fitting, turned}, true, true));
        Tensor narrow = Tensor.zeros(DType.F32, Shape.of(3, 5));
        assertEquals(
                "add backward: gradient 0 must be F64[3,5], got F32[3,5]",
                refusal(new Tensor[] {narrow, fitting}, true, true));
    }
}
