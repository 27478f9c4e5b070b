package dev.lethe.engine.reference;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.memory.Buffer;
import java.util.Locale;

/// One element after the other. EXP, LOG, TANH and powers are the JDK's in double, then rounded.
final class ReferenceElementwise implements ElementwiseKernels {
    @Override
    public void unary(Unary function, Buffer x, Buffer y) {
        String name = function.name().toLowerCase(Locale.ROOT);
        Cells in = Cells.of(name + ": x", x);
        Cells out = output(name, y, x);
        for (long i = 0; i < y.length(); i++) {
            double value = in.get(i);
            out.set(
                    i,
                    switch (function) {
                        case EXP -> Math.exp(value);
                        case LOG -> Math.log(value);
                        case TANH -> Math.tanh(value);
                    });
        }
    }

    @Override
    public void binary(Binary function, Buffer a, Buffer b, Buffer y) {
        String name = function.name().toLowerCase(Locale.ROOT);
        Cells left = Cells.of(name + ": a", a);
        Cells right = Cells.of(name + ": b", b, a.dtype(), a.length());
        Cells out = output(name, y, a, b);
        for (long i = 0; i < y.length(); i++) {
            double p = left.get(i);
            double q = right.get(i);
            out.set(
                    i,
                    switch (function) {
                        case ADD -> p + q;
                        case SUBTRACT -> p - q;
                        case MULTIPLY -> p * q;
                        case DIVIDE -> p / q;
                        case EQUAL -> p == q ? 1 : 0;
                    });
        }
    }

    @Override
    public void addTo(Buffer x, Buffer y) {
        Cells sum = Cells.of("addTo: y", y);
        Cells in = Cells.of("addTo: x", x, y.dtype(), y.length());
        for (long i = 0; i < y.length(); i++) {
            sum.set(i, sum.get(i) + in.get(i));
        }
    }

    @Override
    public void affine(double scale, double shift, Buffer x, Buffer y) {
        Cells in = Cells.of("affine: x", x);
        Cells out = output("affine", y, x);
        double factor = out.round(scale);
        double summand = out.round(shift);
        for (long i = 0; i < y.length(); i++) {
            out.set(i, out.round(factor * in.get(i)) + summand);
        }
    }

    @Override
    public void scale(Buffer factor, Buffer x, Buffer y) {
        Cells one = Cells.of("scale: factor", factor, x.dtype().accumulator(), 1);
        requireApart("scale", y, factor);
        affine(one.get(0), 0, x, y);
    }

    @Override
    public void power(double exponent, Buffer x, Buffer y) {
        Cells in = Cells.of("power: x", x);
        Cells out = output("power", y, x);
        for (long i = 0; i < y.length(); i++) {
            out.set(i, Math.pow(in.get(i), exponent));
        }
    }

    @Override
    public void where(Buffer condition, Buffer a, Buffer b, Buffer y) {
        Cells test = Cells.of("where: condition", condition);
        Cells yes = Cells.of("where: a", a, condition.dtype(), condition.length());
        Cells no = Cells.of("where: b", b, condition.dtype(), condition.length());
        Cells out = output("where", y, condition, a, b);
        for (long i = 0; i < y.length(); i++) {
            out.set(i, test.get(i) != 0 ? yes.get(i) : no.get(i));
        }
    }

    @Override
    public void fill(double value, Buffer y) {
        Cells out = Cells.of("fill: y", y);
        for (long i = 0; i < y.length(); i++) {
            out.set(i, value);
        }
    }

    @Override
    public void copy(Buffer x, Buffer y) {
        Cells in = Cells.of("copy: x", x);
        Cells out = Cells.of("copy: y", y, y.dtype(), x.length());
        requireApart("copy", y, x);
        for (long i = 0; i < y.length(); i++) {
            out.set(i, in.get(i));
        }
    }

    /// The output's cells: of the first input's type and length, and apart from every input.
    private static Cells output(String name, Buffer y, Buffer... inputs) {
        requireApart(name, y, inputs);
        return Cells.of(name + ": y", y, inputs[0].dtype(), inputs[0].length());
    }

    private static void requireApart(String name, Buffer y, Buffer... inputs) {
        long from = y.address();
        for (Buffer x : inputs) {
            if (x.address() < from + y.bytes() && from < x.address() + x.bytes()) {
                throw new IllegalArgumentException(
                        name + ": y must lie apart from inputs, got an overlap; allocate it anew");
            }
        }
    }
}
