package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CastTest {
    private static final double[] VALUES = {1, -2.5, 0.1, 1 + 0x1p-8, 1 + 0x1p-24, 3e38, 0};

    private final ReferenceBackend backend = new ReferenceBackend();
    private TensorArena step;

    @BeforeEach
    void open() {
        step = backend.openStep();
    }

    @AfterEach
    void close() {
        step.close();
        backend.close();
    }

    private Tensor leaf(DType dtype, double... values) {
        Tensor constant = Tensor.of(dtype, Shape.of(values.length), values);
        return Tensor.leaf(backend, constant.buffer(), constant.shape(), true);
    }

    @Test
    void roundsOnceToTheNewType() {
        double[] bf16 = Arrays.stream(VALUES).map(BFloat16::round).toArray();
        double[] f32 = Arrays.stream(VALUES).map(x -> (float) x).toArray();
        Tensor x = leaf(DType.F64, VALUES);
        assertArrayEquals(bf16, Cast.cast(x, DType.BF16).toDoubles());
        assertArrayEquals(f32, Cast.cast(x, DType.F32).toDoubles());
        assertArrayEquals(bf16, Cast.widened(Cast.cast(x, DType.BF16)).toDoubles());
    }

    @Test
    void isNothingWhereTheTypeIsThere() {
        Tensor x = leaf(DType.F32, 1);
        assertSame(x, Cast.cast(x, DType.F32));
        assertSame(x, Cast.widened(x));
        assertEquals(DType.F32, Cast.widened(leaf(DType.BF16, 1)).dtype());
    }

    @Test
    void idsAreRefused() {
        Tensor ids = Tensor.ofInts(Shape.of(1), 3);
        assertThrows(IllegalArgumentException.class, () -> Cast.cast(ids, DType.F32));
        Tensor x = leaf(DType.F32, 1);
        assertThrows(IllegalArgumentException.class, () -> Cast.cast(x, DType.I32));
    }

    /// d/dx of x^4 taken in F64: 4 x^3, 12 x^2, 24 x, each in the type of x.
    @ParameterizedTest
    @EnumSource(names = {"BF16", "F32", "F64"})
    void differentiatesToAnyOrderInTheTypeOfItsInput(DType dtype) {
        Tensor x = leaf(dtype, 1.5);
        Tensor y = Power.power(Cast.cast(x, DType.F64), 4);
        double[] expected = {4 * 3.375, 12 * 2.25, 24 * 1.5};
        for (double each : expected) {
            Tensor gradient = Autograd.gradients(y, List.of(x), Mode.DIFFERENTIABLE).of(x);
            assertEquals(dtype, gradient.dtype());
            assertEquals(each, gradient.item()); // all of them exact in BF16
            y = Cast.cast(gradient, DType.F64);
        }
    }

    /// A product of BF16 matrices in F32, where their sum is no BF16 number: values and gradients.
    @Test
    void wideProductsKeepTheirSums() {
        Tensor x = Reshape.reshape(leaf(DType.BF16, 1, 0x1p-8), Shape.of(1, 2));
        Tensor w = leaf(DType.BF16, 1, 1);
        Tensor weight = Reshape.reshape(w, Shape.of(1, 2));
        Tensor y = MatMul.linearWide(x, weight);
        assertEquals(DType.F32, y.dtype());
        assertEquals(1 + 0x1p-8, y.item());
        assertEquals(1, MatMul.linear(x, weight).item());
        Tensor gradient = Autograd.gradients(Sum.sum(y), List.of(w)).of(w);
        assertEquals(DType.BF16, gradient.dtype());
        assertArrayEquals(new double[] {1, 0x1p-8}, gradient.toDoubles());
    }
}
