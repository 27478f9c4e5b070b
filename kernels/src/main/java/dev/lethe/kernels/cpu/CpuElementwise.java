package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Checks, then one pass in [ElementwiseLoops] or [ElementwiseF64], whose loops count in ints. What
/// passes over all parameters at once (fill, copy, addTo) takes longer buffers in pieces.
final class CpuElementwise implements ElementwiseKernels {
    private static final long PIECE = 1L << 30;

    private static final List<Operands> UNARY = Operands.of(Unary.values());
    private static final List<Operands> BINARY = Operands.of(Binary.values());
    private static final Operands ADD_TO = new Operands("addTo");
    private static final Operands AFFINE = new Operands("affine");
    private static final Operands POWER = new Operands("power");
    private static final Operands WHERE = new Operands("where");
    private static final Operands FILL = new Operands("fill");

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
        int n = UNARY.get(function.ordinal()).check(y, x);
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
        int n = BINARY.get(function.ordinal()).check(y, a, b);
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
        int n = ADD_TO.check(y, x);
        if (y.dtype() == DType.F64) {
            ElementwiseF64.binary(Binary.ADD, y.address(), x.address(), y.address(), n);
        } else {
            ElementwiseLoops.add(y.address(), x.address(), y.address(), n);
        }
    }

    @Override
    public void affine(double scale, double shift, Buffer x, Buffer y) {
        int n = AFFINE.check(y, x);
        if (x.dtype() == DType.F64) {
            ElementwiseF64.affine(scale, shift, x.address(), y.address(), n);
        } else {
            ElementwiseLoops.affine((float) scale, (float) shift, x.address(), y.address(), n);
        }
    }

    @Override
    public void scale(Buffer factor, Buffer x, Buffer y) {
        long at = Expect.exactly("scale: factor", factor, x.dtype().accumulator(), 1);
        Expect.apart("scale: y", y, factor);
        double value = x.dtype() == DType.F64 ? F64.get(at, 0) : F32.get(at, 0);
        affine(value, 0, x, y);
    }

    @Override
    public void power(double exponent, Buffer x, Buffer y) {
        int n = POWER.check(y, x);
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
        int n = WHERE.check(y, a, b);
        WHERE.input(condition, y);
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
        int n = FILL.check(y);
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

    /// The check of an operation's operands. What errors call them is put together once, not on
    /// every call.
    private record Operands(String y, String input) {
        Operands(String operation) {
            this(operation + ": y", operation + ": every input");
        }

        static List<Operands> of(Enum<?>[] functions) {
            return Arrays.stream(functions)
                    .map(function -> new Operands(function.name().toLowerCase(Locale.ROOT)))
                    .toList();
        }

        int check(Buffer out, Buffer a, Buffer b) {
            int n = check(out, a);
            input(b, out);
            return n;
        }

        int check(Buffer out, Buffer x) {
            int n = check(out);
            input(x, out);
            return n;
        }

        /// Length of the call: that of y, which every input shares, as they share its type.
        int check(Buffer out) {
            Expect.floating(y, out);
            return Expect.count(y, out);
        }

        void input(Buffer x, Buffer out) {
            Expect.exactly(input, x, out.dtype(), out.length());
            Expect.apart(y, out, x);
        }
    }
}
