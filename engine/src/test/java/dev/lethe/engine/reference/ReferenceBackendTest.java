package dev.lethe.engine.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;
import dev.lethe.engine.backend.ElementwiseKernels.Unary;
import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.backend.ReduceKernels.Reduction;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.lang.foreign.MemorySegment;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The specification against results worked out by hand: the contracts take their truth from it.
class ReferenceBackendTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private final ReferenceBackend backend = new ReferenceBackend();
    private TensorArena step;

    @BeforeEach
    void open() {
        step = backend.openStep();
    }

    @AfterEach
    void close() {
        step.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Buffer of(double... values) {
        Buffer buffer = step.allocate(DType.F64, values.length);
        backend.upload(MemorySegment.ofArray(values), buffer);
        return buffer;
    }

    private Buffer floats(double... values) {
        Buffer buffer = step.allocate(DType.F32, values.length);
        backend.elementwise().copy(of(values), buffer);
        return buffer;
    }

    private Buffer ids(int... values) {
        Buffer buffer = step.allocate(DType.I32, values.length);
        backend.upload(MemorySegment.ofArray(values), buffer);
        return buffer;
    }

    private void expect(Buffer got, double... expected) {
        double[] values = new double[(int) got.length()];
        backend.download(got, MemorySegment.ofArray(values));
        assertArrayEquals(expected, values, 1e-15);
    }

    private void expectFloats(Buffer got, float... expected) {
        float[] values = new float[(int) got.length()];
        backend.download(got, MemorySegment.ofArray(values));
        assertArrayEquals(expected, values);
    }

    @Test
    void matMulInAllFourLayouts() {
        Buffer a = of(1, 2, 3, 4, 5, 6); // [2,3]
        Buffer b = of(1, 0, 2, -1, 3, 1); // [3,2]
        Buffer aT = of(1, 4, 2, 5, 3, 6);
        Buffer bT = of(1, 2, 3, 0, -1, 1);
        Buffer c = of(9, 9, 9, 9);
        backend.matMul().multiply(new Product(1, 2, 2, 3, false, false), a, b, c);
        expect(c, 14, 1, 32, 1);
        backend.matMul().multiplyAdd(new Product(1, 2, 2, 3, true, false), aT, b, c);
        expect(c, 28, 2, 64, 2);
        backend.matMul().multiplyAdd(new Product(1, 2, 2, 3, false, true), a, bT, c);
        expect(c, 42, 3, 96, 3);
        backend.matMul().multiply(new Product(1, 2, 2, 3, true, true), aT, bT, c);
        expect(c, 14, 1, 32, 1);
    }

    @Test
    void matMulGoesThroughTheBatch() {
        Buffer c = of(0, 0);
        Product dots = new Product(2, 1, 1, 2, false, false);
        backend.matMul().multiply(dots, of(1, 2, 3, 4), of(5, 6, 7, 8), c);
        expect(c, 17, 53);
    }

    /// 2^24 + 1 is no float: added one by one, the ones are lost, as F32 loses them.
    @Test
    void floatSumsRoundAtEveryStep() {
        double large = 0x1p24;
        Buffer y = floats(0);
        backend.reduce().sum(new Reduction(1, 3, 1), floats(large, 1, 1), y);
        expectFloats(y, 0x1p24f);
        Product dot = new Product(1, 1, 1, 3, false, false);
        backend.matMul().multiply(dot, floats(large, 1, 1), floats(1, 1, 1), y);
        expectFloats(y, 0x1p24f);
        Buffer z = of(0);
        backend.reduce().sum(new Reduction(1, 3, 1), of(large, 1, 1), z);
        expect(z, 0x1p24 + 2);
    }

    @Test
    void floatArithmeticIsThatOfFloats() {
        Buffer y = floats(0);
        backend.elementwise().binary(Binary.DIVIDE, floats(1), floats(3), y);
        expectFloats(y, 1f / 3f);
        backend.elementwise().affine(0.1, 0.2, floats(0.3), y);
        expectFloats(y, 0.1f * 0.3f + 0.2f);
        backend.elementwise().unary(Unary.EXP, floats(1), y);
        expectFloats(y, (float) Math.E);
    }

    @Test
    void elementwiseByHand() {
        Buffer y = of(0, 0, 0, 0);
        backend.elementwise().unary(Unary.LOG, of(1, Math.E, 0, -1), y);
        expect(y, 0, 1, -INFINITY, Double.NaN);
        backend.elementwise().unary(Unary.TANH, of(0, INFINITY, -INFINITY, Math.log(2)), y);
        expect(y, 0, 1, -1, 0.6);
        Buffer a = of(1, 2, Double.NaN, -0.0);
        Buffer b = of(1, 3, Double.NaN, 0);
        backend.elementwise().binary(Binary.EQUAL, a, b, y);
        expect(y, 1, 0, 0, 1);
        backend.elementwise().binary(Binary.SUBTRACT, of(1, 2, 3, 4), of(4, 3, 2, 1), y);
        expect(y, -3, -1, 1, 3);
        backend.elementwise().power(-0.5, of(4, 0.25, 0, 1), y);
        expect(y, 0.5, 2, INFINITY, 1);
        backend.elementwise().where(of(0, 1, Double.NaN, -0.0), of(1, 2, 3, 4), of(5, 6, 7, 8), y);
        expect(y, 5, 2, 3, 8);
    }

    @Test
    void movementByHand() {
        Buffer x = of(1, 2, 3, 4, 5, 6); // [2,3]
        Buffer y = of(0, 0, 0, 0, 0, 0);
        backend.movement().transpose(Shape.of(2, 3), new int[] {1, 0}, x, y);
        expect(y, 1, 4, 2, 5, 3, 6);
        backend.movement().broadcast(Shape.of(2, 1), Shape.of(2, 3), of(7, 8), y);
        expect(y, 7, 7, 7, 8, 8, 8);
        backend.movement().pad(Shape.of(2, 1), 1, 1, 3, of(7, 8), y);
        expect(y, 0, 7, 0, 0, 8, 0);
        Buffer part = of(0, 0, 0, 0);
        backend.movement().slice(Shape.of(2, 3), 1, 1, 2, x, part);
        expect(part, 2, 3, 5, 6);
        // axis i of the output is axis permutation[i] of the input: [1,2,3] -> [3,1,2]
        backend.movement().transpose(Shape.of(1, 2, 3), new int[] {2, 0, 1}, x, y);
        expect(y, 1, 4, 2, 5, 3, 6);
    }

    @Test
    void reductionsByHand() {
        Reduction middle = new Reduction(2, 2, 2); // [2,2,2] -> [2,2]
        Buffer x = of(1, 2, 3, 4, 5, 6, 7, Double.NaN);
        Buffer y = of(0, 0, 0, 0);
        backend.reduce().sum(middle, x, y);
        expect(y, 4, 6, 12, Double.NaN);
        backend.reduce().max(middle, x, y);
        expect(y, 3, 4, 7, Double.NaN);
        backend.reduce().sum(new Reduction(2, 0, 2), of(), y);
        expect(y, 0, 0, 0, 0);
        backend.reduce().max(new Reduction(2, 0, 2), of(), y);
        expect(y, -INFINITY, -INFINITY, -INFINITY, -INFINITY);
    }

    @Test
    void softmaxByHand() {
        Buffer y = of(0, 0, 0, 0);
        double three = Math.log(3);
        backend.softmax().softmax(2, of(1000, 1000 + three, -INFINITY, 5), y);
        double[] values = new double[4];
        backend.download(y, MemorySegment.ofArray(values));
        assertArrayEquals(new double[] {0.25, 0.75, 0, 1}, values, 1e-13);
        backend.softmax().logSoftmax(2, of(0, three, 7, 7), y);
        expect(y, -Math.log(4), Math.log(0.75), -Math.log(2), -Math.log(2));
    }

    @Test
    void gatherByHand() {
        Buffer table = of(1, 2, 3, 4, 5, 6); // [3,2]
        Buffer y = of(0, 0, 0, 0);
        backend.gather().gather(2, table, ids(2, 0), y);
        expect(y, 5, 6, 1, 2);
        backend.gather().scatterAdd(2, of(10, 20, 30, 40), ids(1, 1), table);
        expect(table, 1, 2, 43, 64, 5, 6);
    }

    @Test
    void errorsAreOneLineWithWhatExpectedAndGot() {
        IllegalArgumentException wrong =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> backend.elementwise().binary(Binary.ADD, of(1, 2), of(1), of(0, 0)));
        assertEquals(
                "add: b must hold 2 F64 elements, got 1 F64; allocate it with that length and type",
                wrong.getMessage());
        Buffer x = of(1, 2, 3);
        refused(() -> backend.elementwise().affine(1, 2, x, x));
        refused(() -> backend.elementwise().fill(1, ids(1)));
        refused(() -> backend.movement().broadcast(Shape.of(3), Shape.of(6), x, of(1)));
        refused(() -> backend.movement().broadcast(Shape.of(3), Shape.of(1, 3), x, of(1, 2, 3)));
        refused(() -> backend.movement().transpose(Shape.of(3), new int[] {1}, x, of(1, 2, 3)));
        refused(() -> backend.movement().transpose(Shape.of(1, 3), new int[2], x, of(1, 2, 3)));
        refused(() -> backend.movement().slice(Shape.of(3), 0, 2, 2, x, of(1, 2)));
        refused(() -> backend.movement().pad(Shape.of(3), 0, 1, 3, x, of(1, 2, 3)));
        refused(() -> backend.softmax().softmax(2, x, of(1, 2, 3)));
        refused(() -> backend.gather().gather(2, x, ids(0), of(1, 2)));
        refused(() -> backend.gather().gather(3, x, of(0), of(1, 2, 3)));
    }

    private static void refused(Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertEquals(1, message.lines().count());
        assertTrue(message.contains(": "), message);
    }

    /// Independent of every kernel: the same loops on plain arrays.
    @Test
    void matMulEqualsLoopsOverArrays() {
        double[] a = DoubleStream.iterate(0.1, x -> Math.sin(x * 7 + 1)).limit(7 * 15).toArray();
        double[] b = DoubleStream.iterate(0.2, x -> Math.cos(x * 5 + 2)).limit(15 * 3).toArray();
        double[] expected = new double[21];
        for (int i = 0; i < 21; i++) {
            for (int l = 0; l < 15; l++) {
                expected[i] += a[i / 3 * 15 + l] * b[l * 3 + i % 3];
            }
        }
        Buffer c = of(new double[21]);
        backend.matMul().multiply(new Product(1, 7, 3, 15, false, false), of(a), of(b), c);
        expect(c, expected);
    }
}
