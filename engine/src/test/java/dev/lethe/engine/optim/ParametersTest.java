package dev.lethe.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tanh;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters.Spec;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParametersTest {
    private static final List<Spec> SPECS =
            List.of(
                    new Spec("scalar", Shape.scalar()),
                    new Spec("odd", Shape.of(3, 7)),
                    new Spec("full", Shape.of(16)),
                    new Spec("empty", Shape.of(0, 5)),
                    new Spec("last", Shape.of(17)));

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void close() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private static String refusal(Runnable work) {
        return assertThrows(IllegalArgumentException.class, work::run).getMessage();
    }

    /// 2^60 elements of 8 bytes are 2^63, which is negative: no small block may pass for them.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void sizesThatOverflowAreRefused(DType dtype) {
        List<Spec> huge = List.of(new Spec("huge", Shape.of(1 << 30, 1 << 30)));
        assertTrue(
                refusal(() -> Parameters.allocate(backend, dtype, huge).close()).contains("huge"));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void tensorsAreAlignedViewsOfOneBuffer(DType dtype) {
        try (Parameters parameters = Parameters.allocate(backend, dtype, SPECS)) {
            assertEquals(List.of("scalar", "odd", "full", "empty", "last"), parameters.names());
            assertEquals(1 + 21 + 16 + 17, parameters.count());
            assertEquals(16 + 32 + 16 + 32, parameters.flat().length());
            assertEquals(0, parameters.offset("scalar"));
            assertEquals(16, parameters.offset("odd"));
            assertEquals(48, parameters.offset("full"));
            assertEquals(64, parameters.offset("last"));
            for (Spec spec : SPECS) {
                Tensor leaf = parameters.get(spec.name());
                assertEquals(spec.shape(), leaf.shape());
                assertEquals(dtype, leaf.dtype());
                assertTrue(leaf.requiresGradient());
                assertSame(leaf, parameters.get(spec.name()));
                int alignment = Math.min(64, 16 * dtype.bytes());
                assertEquals(0, leaf.buffer().address() % alignment, spec.name());
                assertEquals(
                        parameters.flat().address()
                                + parameters.offset(spec.name()) * dtype.bytes(),
                        leaf.buffer().address());
            }
        }
    }

    @Test
    void allIsZeroAtFirst() {
        try (Parameters parameters = Parameters.allocate(backend, DType.F64, SPECS)) {
            assertArrayEquals(new double[96], all(parameters));
        }
    }

    /// Everything, gaps included.
    private double[] all(Parameters parameters) {
        Shape shape = Shape.of(Math.toIntExact(parameters.flat().length()));
        return Tensor.leaf(backend, parameters.flat(), shape, false).toDoubles();
    }

    private Parameters filled(double value) {
        Parameters parameters = Parameters.allocate(backend, DType.F64, SPECS);
        for (String name : parameters.names()) {
            backend.elementwise().fill(value, parameters.get(name).buffer());
        }
        return parameters;
    }

    @Test
    void copiesAreApart() {
        try (Parameters parameters = filled(3);
                Parameters copy = parameters.copy();
                Parameters zeros = parameters.zerosLike()) {
            assertArrayEquals(all(parameters), all(copy));
            assertArrayEquals(new double[96], all(zeros));
            backend.elementwise().fill(5, copy.get("full").buffer());
            assertEquals(3, parameters.get("full").toDoubles()[0]);
            assertNotEquals(parameters.flat().address(), copy.flat().address());
            assertEquals(0, all(copy)[1], "the gap after the scalar");
        }
    }

    @Test
    void copyFromOverwritesAndSaysSo() {
        try (Parameters parameters = filled(3);
                Parameters other = filled(4)) {
            int before = parameters.get("odd").buffer().version();
            parameters.copyFrom(other);
            assertArrayEquals(all(other), all(parameters));
            assertEquals(before + 1, parameters.get("odd").buffer().version());
        }
    }

    @Test
    void copyFromConvertsElementTypes() {
        try (Parameters wide = filled(0.1);
                Parameters narrow = Parameters.allocate(backend, DType.F32, SPECS)) {
            narrow.copyFrom(wide);
            assertEquals((float) 0.1, narrow.get("scalar").toDoubles()[0]);
        }
    }

    @Test
    void differentLayoutIsRefusedAtTheTensorThatDiffers() {
        List<Spec> renamed = List.of(SPECS.get(0), new Spec("even", Shape.of(3, 7)));
        List<Spec> turned = List.of(SPECS.get(0), new Spec("odd", Shape.of(7, 3)));
        List<Spec> fewer = SPECS.subList(0, 4);
        try (Parameters parameters = filled(3);
                Parameters a = Parameters.allocate(backend, DType.F64, renamed);
                Parameters b = Parameters.allocate(backend, DType.F64, turned);
                Parameters c = Parameters.allocate(backend, DType.F64, fewer)) {
            assertTrue(refusal(() -> parameters.copyFrom(a)).contains("odd[3,7], got even[3,7]"));
            assertTrue(refusal(() -> parameters.copyFrom(b)).contains("odd[3,7], got odd[7,3]"));
            assertTrue(refusal(() -> parameters.copyFrom(c)).contains("last[17], got none"));
            assertEquals(3, all(parameters)[0], "nothing was copied");
        }
    }

    @Test
    void namesAreUniqueAndKnown() {
        List<Spec> twice = List.of(SPECS.get(0), SPECS.get(1), SPECS.get(0));
        assertTrue(
                refusal(() -> Parameters.allocate(backend, DType.F64, twice).close())
                        .contains("scalar occurs twice"));
        try (Parameters parameters = filled(0)) {
            assertTrue(refusal(() -> parameters.get("o")).contains("named o; there are [scalar"));
            assertTrue(refusal(() -> parameters.offset("o")).contains("named o"));
            assertTrue(refusal(() -> parameters.get(List.of("odd", "o"))).contains("named o"));
            assertEquals(
                    List.of(parameters.get("last"), parameters.get("odd")),
                    parameters.get(List.of("last", "odd")));
        }
    }

    @Test
    void closedParametersAreRefusedByName() {
        Parameters parameters = filled(1);
        Tensor odd = parameters.get("odd");
        parameters.close();
        try (TensorArena _ = backend.openStep()) {
            String message =
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> Tanh.tanh(odd))
                            .getMessage();
            assertTrue(message.startsWith("tanh: input 0"), message);
        }
    }
}
