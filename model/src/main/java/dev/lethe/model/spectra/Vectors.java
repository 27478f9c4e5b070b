package dev.lethe.model.spectra;

import dev.lethe.engine.random.PhiloxStream;

/// Arithmetic of dense vectors in F64, in a fixed order.
public final class Vectors {
    private Vectors() {}

    /// `sum a_i b_i`, in four interleaved sums, so that rounding grows slower and bits stay fixed.
    public static double dot(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(
                    "dot: expected vectors of one length, got %d and %d"
                            .formatted(a.length, b.length));
        }
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 3 < a.length; i += 4) {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }
        for (; i < a.length; i++) {
            s0 += a[i] * b[i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    public static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    /// Cosine of the angle between a and b; 0 where one is zero.
    public static double cosine(double[] a, double[] b) {
        double product = norm(a) * norm(b);
        return product == 0 ? 0 : dot(a, b) / product;
    }

    /// `y += factor x`.
    public static void addTo(double factor, double[] x, double[] y) {
        for (int i = 0; i < y.length; i++) {
            y[i] += factor * x[i];
        }
    }

    /// `factor x`, in memory of its own.
    public static double[] scaled(double factor, double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = factor * x[i];
        }
        return y;
    }

    /// `a - b`, in memory of its own.
    public static double[] difference(double[] a, double[] b) {
        double[] y = a.clone();
        addTo(-1, b, y);
        return y;
    }

    /// Elements of the stream that are standard normal.
    public static double[] normal(PhiloxStream stream, int length) {
        double[] x = new double[length];
        for (int i = 0; i < length; i++) {
            x[i] = stream.normal(i);
        }
        return x;
    }

    /// Elements of the stream that are 1 or -1 with even odds (Rademacher).
    static double[] signs(PhiloxStream stream, int length) {
        double[] x = new double[length];
        for (int i = 0; i < length; i++) {
            x[i] = stream.bits(i) < 0 ? -1 : 1;
        }
        return x;
    }
}
