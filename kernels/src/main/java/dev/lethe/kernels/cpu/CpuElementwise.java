package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.Locale;

/// Checks, then one pass in [ElementwiseLoops] or [ElementwiseF64], whose loops count in ints. What
/// passes over all parameters at once (fill, copy, addTo) takes longer buffers in pieces.
final class CpuElementwise implements ElementwiseKernels {
    private static final long PIECE = 1L << 30;

    private final long piece;

    CpuElementwise() {
        this(PIECE);
    }

    /// @param piece most elements of one pass
    CpuElementwise(long piece) {
        this.piece = piece;
    }

    private interface Range {
        void take(long from, long count);
    }

    private void inPieces(long length, Range range) {
        for (long from = 0; from < length; from += piece) {
            range.take(from, Math.min(piece, length - from));
        }
    }

    @Override
    public void unary(Unary function, Buffer x, Buffer y) {
        int n = check(name(function), y, x);
        long in = x.address();
        long out = y.address();
        if (x.dtype() == DType.F64) {
            ElementwiseF64.unary(function, in, out, n);
            return;
        }
        switch (function) {
            case EXP -> ElementwiseLoops.exp(in, out, n);
            case LOG -> ElementwiseLoops.log(in, out, n);
            case TANH -> ElementwiseLoops.tanh(in, out, n);
        }
    }

    @Override
    public void binary(Binary function, Buffer a, Buffer b, Buffer y) {
        int n = check(name(function), y, a, b);
        long left = a.address();
        long right = b.address();
        long out = y.address();
        if (a.dtype() == DType.F64) {
            ElementwiseF64.binary(function, left, right, out, n);
            return;
        }
        switch (function) {
            case ADD -> ElementwiseLoops.add(left, right, out, n);
            case SUBTRACT -> ElementwiseLoops.subtract(left, right, out, n);
            case MULTIPLY -> ElementwiseLoops.multiply(left, right, out, n);
            case DIVIDE -> ElementwiseLoops.divide(left, right, out, n);
            case EQUAL -> ElementwiseLoops.equal(left, right, out, n);
        }
    }

    @Override
    public void addTo(Buffer x, Buffer y) {
        if (y.length() > piece) {
            Expect.exactly("addTo: every input", x, y.dtype(), y.length());
            Expect.apart("addTo: y", y, x);
            inPieces(y.length(), (from, n) -> addTo(x.slice(from, n), y.slice(from, n)));
            return;
        }
        int n = check("addTo", y, x);
        if (y.dtype() == DType.F64) {
            ElementwiseF64.binary(Binary.ADD, y.address(), x.address(), y.address(), n);
        } else {
            ElementwiseLoops.add(y.address(), x.address(), y.address(), n);
        }
    }

    @Override
    public void affine(double scale, double shift, Buffer x, Buffer y) {
        int n = check("affine", y, x);
        if (x.dtype() == DType.F64) {
            ElementwiseF64.affine(scale, shift, x.address(), y.address(), n);
        } else {
            ElementwiseLoops.affine((float) scale, (float) shift, x.address(), y.address(), n);
        }
    }

    @Override
    public void power(double exponent, Buffer x, Buffer y) {
        int n = check("power", y, x);
        if (x.dtype() == DType.F64) {
            ElementwiseF64.power(exponent, x.address(), y.address(), n);
        } else if (exponent == 2) {
            ElementwiseLoops.multiply(x.address(), x.address(), y.address(), n);
        } else if (exponent == -1) {
            ElementwiseLoops.reciprocal(x.address(), y.address(), n);
        } else if (exponent == 0.5) {
            ElementwiseLoops.squareRoot(x.address(), y.address(), n);
        } else if (exponent == -0.5) {
            ElementwiseLoops.inverseSquareRoot(x.address(), y.address(), n);
        } else {
            ElementwiseLoops.power(exponent, x.address(), y.address(), n);
        }
    }

    @Override
    public void where(Buffer condition, Buffer a, Buffer b, Buffer y) {
        int n = check("where", y, condition, a, b);
        if (y.dtype() == DType.F64) {
            ElementwiseF64.where(condition.address(), a.address(), b.address(), y.address(), n);
        } else {
            ElementwiseLoops.where(condition.address(), a.address(), b.address(), y.address(), n);
        }
    }

    @Override
    public void fill(double value, Buffer y) {
        if (y.length() > piece) {
            inPieces(y.length(), (from, n) -> fill(value, y.slice(from, n)));
            return;
        }
        int n = check("fill", y);
        if (y.dtype() == DType.F64) {
            ElementwiseF64.fill(value, y.address(), n);
        } else {
            ElementwiseLoops.fill((float) value, y.address(), n);
        }
    }

    @Override
    public void copy(Buffer x, Buffer y) {
        Expect.exactly("copy: y", y, y.dtype(), x.length());
        Expect.apart("copy: y", y, x);
        if (y.length() > piece) {
            inPieces(y.length(), (from, n) -> copy(x.slice(from, n), y.slice(from, n)));
            return;
        }
        int n = Expect.count("copy: y", y);
        if (x.dtype() == y.dtype()) {
            HostMemory.copy(x.address(), y.address(), x.bytes());
        } else if (Expect.floating("copy: x", x) == DType.F32) {
            Expect.floating("copy: y", y);
            ElementwiseF64.widen(x.address(), y.address(), n);
        } else {
            Expect.floating("copy: y", y);
            ElementwiseF64.narrow(x.address(), y.address(), n);
        }
    }

    private static String name(Enum<?> function) {
        return function.name().toLowerCase(Locale.ROOT);
    }

    /// Length of the call: that of y, which every input shares, as they share its type.
    private static int check(String name, Buffer y, Buffer... inputs) {
        DType dtype = Expect.floating(name + ": y", y);
        for (Buffer input : inputs) {
            Expect.exactly(name + ": every input", input, dtype, y.length());
            Expect.apart(name + ": y", y, input);
        }
        return Expect.count(name + ": y", y);
    }
}
