package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// F32 loops of [CpuElementwise], n elements at raw addresses.
///
/// A loop each, because C2 compiles a vector loop well only when its operation is a constant.
final class ElementwiseF32 {
    private ElementwiseF32() {}

    static void exp(long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, VectorMath.exp(load(x, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, VectorMath.exp(load(x, i, tail)), tail);
        }
    }

    static void log(long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, VectorMath.log(load(x, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, VectorMath.log(load(x, i, tail)), tail);
        }
    }

    static void tanh(long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, VectorMath.tanh(load(x, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, VectorMath.tanh(load(x, i, tail)), tail);
        }
    }

    /// Rounds after each of the two operations.
    static void affine(float scale, float shift, long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(x, i).mul(scale).add(shift));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(x, i, tail).mul(scale).add(shift), tail);
        }
    }

    static void reciprocal(long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, F32.all(1).div(load(x, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, F32.all(1).div(load(x, i, tail)), tail);
        }
    }

    /// `x ^ 0.5`.
    static void squareRoot(long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, base(load(x, i)).sqrt());
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, base(load(x, i, tail)).sqrt(), tail);
        }
    }

    /// `x ^ -0.5`.
    static void inverseSquareRoot(long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, F32.all(1).div(base(load(x, i)).sqrt()));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, F32.all(1).div(base(load(x, i, tail)).sqrt()), tail);
        }
    }

    /// What makes sqrt agree with a power: plus 0 for minus 0, plus infinity for minus infinity.
    private static FloatVector base(FloatVector x) {
        return x.add(0)
                .blend(
                        Float.POSITIVE_INFINITY,
                        x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    }

    static void add(long a, long b, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(a, i).add(load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(a, i, tail).add(load(b, i, tail)), tail);
        }
    }

    static void subtract(long a, long b, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(a, i).sub(load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(a, i, tail).sub(load(b, i, tail)), tail);
        }
    }

    static void multiply(long a, long b, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(a, i).mul(load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(a, i, tail).mul(load(b, i, tail)), tail);
        }
    }

    static void divide(long a, long b, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(a, i).div(load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(a, i, tail).div(load(b, i, tail)), tail);
        }
    }

    static void equal(long a, long b, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, oneWhereEqual(load(a, i), load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, oneWhereEqual(load(a, i, tail), load(b, i, tail)), tail);
        }
    }

    private static FloatVector oneWhereEqual(FloatVector a, FloatVector b) {
        return FloatVector.zero(F32.SPECIES).blend(1, a.compare(VectorOperators.EQ, b));
    }

    static void where(long condition, long a, long b, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, select(load(condition, i), load(a, i), load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector test = load(condition, i, tail);
            store(y, i, select(test, load(a, i, tail), load(b, i, tail)), tail);
        }
    }

    private static FloatVector select(FloatVector condition, FloatVector a, FloatVector b) {
        return b.blend(a, condition.compare(VectorOperators.NE, 0));
    }

    static void fill(float value, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, F32.all(value));
        }
        if (i < n) {
            store(y, i, F32.all(value), head(n - i));
        }
    }

    /// Any exponent, element by element in double, rounded once.
    static void power(double exponent, long x, long y, int n) {
        for (int i = 0; i < n; i++) {
            F32.set(y, i, (float) StrictMath.pow(F32.get(x, i), exponent));
        }
    }
}
