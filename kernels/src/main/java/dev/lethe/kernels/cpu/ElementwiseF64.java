package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F64.get;
import static dev.lethe.kernels.cpu.F64.set;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;
import dev.lethe.engine.backend.ElementwiseKernels.Unary;

/// F64 loops of [CpuElementwise], n elements at raw addresses.
///
/// Element by element: F64 is for checking and for exact gradients of small models, where these
/// loops are not what costs. `StrictMath` has the same bits on every machine.
final class ElementwiseF64 {
    private ElementwiseF64() {}

    static void unary(Unary function, long x, long y, int n) {
        switch (function) {
            case EXP -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, StrictMath.exp(get(x, i)));
                }
            }
            case LOG -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, StrictMath.log(get(x, i)));
                }
            }
            case TANH -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, StrictMath.tanh(get(x, i)));
                }
            }
        }
    }

    static void binary(Binary function, long a, long b, long y, int n) {
        switch (function) {
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, get(a, i) + get(b, i));
                }
            }
            case SUBTRACT -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, get(a, i) - get(b, i));
                }
            }
            case MULTIPLY -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, get(a, i) * get(b, i));
                }
            }
            case DIVIDE -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, get(a, i) / get(b, i));
                }
            }
            case EQUAL -> {
                for (int i = 0; i < n; i++) {
                    set(y, i, get(a, i) == get(b, i) ? 1 : 0);
                }
            }
        }
    }

    static void affine(double scale, double shift, long x, long y, int n) {
        for (int i = 0; i < n; i++) {
            set(y, i, scale * get(x, i) + shift);
        }
    }

    static void power(double exponent, long x, long y, int n) {
        for (int i = 0; i < n; i++) {
            set(y, i, StrictMath.pow(get(x, i), exponent));
        }
    }

    static void where(long condition, long a, long b, long y, int n) {
        for (int i = 0; i < n; i++) {
            set(y, i, get(condition, i) != 0 ? get(a, i) : get(b, i));
        }
    }

    static void fill(double value, long y, int n) {
        for (int i = 0; i < n; i++) {
            set(y, i, value);
        }
    }

    /// F32 to F64; exact.
    static void widen(long x, long y, int n) {
        for (int i = 0; i < n; i++) {
            set(y, i, F32.get(x, i));
        }
    }

    /// F64 to F32, to the nearest.
    static void narrow(long x, long y, int n) {
        for (int i = 0; i < n; i++) {
            F32.set(y, i, (float) get(x, i));
        }
    }
}
