package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// F32 loops of [CpuElementwise], n elements at raw addresses, one for each operation.
final class ElementwiseLoops {
    private ElementwiseLoops() {}

    static void exp(long x, long y, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            store(y, i, VectorMath.exp(load(x, i, mask)), mask);
        }
    }

    static void log(long x, long y, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            store(y, i, VectorMath.log(load(x, i, mask)), mask);
        }
    }

    static void tanh(long x, long y, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            store(y, i, VectorMath.tanh(load(x, i, mask)), mask);
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
            store(y, i, VectorMath.base(load(x, i)).sqrt());
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, VectorMath.base(load(x, i, tail)).sqrt(), tail);
        }
    }

    /// `x ^ -0.5`.
    static void inverseSquareRoot(long x, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, F32.all(1).div(VectorMath.base(load(x, i)).sqrt()));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, F32.all(1).div(VectorMath.base(load(x, i, tail)).sqrt()), tail);
        }
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
            store(y, i, VectorMath.oneWhereEqual(load(a, i), load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, VectorMath.oneWhereEqual(load(a, i, tail), load(b, i, tail)), tail);
        }
    }

    static void where(long condition, long a, long b, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, VectorMath.select(load(condition, i), load(a, i), load(b, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector test = load(condition, i, tail);
            store(y, i, VectorMath.select(test, load(a, i, tail), load(b, i, tail)), tail);
        }
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
