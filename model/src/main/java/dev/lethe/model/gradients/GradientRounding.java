package dev.lethe.model.gradients;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import dev.lethe.model.gradients.Coordinates.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// How far a gradient computed in a shorter type is from the exact one, parameter by parameter.
///
/// A unit in the last place is the spacing of the type's numbers at the exact value. Elements that
/// are small because large ones cancelled are many units off whatever one does, so the largest such
/// error stands beside the relative L2 distance, which is what training feels.
///
/// @param parameter by name
/// @param relative L2 distance over the exact gradient's L2 norm; NaN where that norm is 0 and the
///     other's is not
/// @param medianUlps median over the elements, in units in the last place
/// @param worst the [#NAMED] elements furthest off, in units in the last place, the worst first
public record GradientRounding(
        String parameter, double relative, double medianUlps, List<Entry> worst) {
    /// How many of each parameter are named.
    public static final int NAMED = 3;

    /// One element.
    ///
    /// @param coordinate in the vector of all selected parameters
    /// @param name with its indices, such as `model.norm.weight[3]`
    public record Entry(int coordinate, String name, double exact, double got, double ulps) {}

    /// @param exact gradient in F64 at the very weights that `got` was computed at
    /// @param type that `got` was computed in
    public static List<GradientRounding> of(
            Coordinates coordinates, double[] exact, double[] got, DType type) {
        List<GradientRounding> found = new ArrayList<>();
        coordinates
                .spans()
                .forEach((name, span) -> found.add(of(coordinates, name, span, exact, got, type)));
        return found;
    }

    private static GradientRounding of(
            Coordinates coordinates,
            String name,
            Span span,
            double[] exact,
            double[] got,
            DType type) {
        double[] ulps = new double[span.length()];
        double off = 0;
        double size = 0;
        for (int i = 0; i < ulps.length; i++) {
            double x = exact[span.from() + i];
            double apart = Math.abs(got[span.from() + i] - x);
            off += apart * apart;
            size += x * x;
            ulps[i] = apart == 0 ? 0 : apart / unit(x, type);
        }
        List<Entry> worst =
                largest(ulps).stream()
                        .map(
                                i -> {
                                    int at = span.from() + i;
                                    return new Entry(
                                            at,
                                            coordinates.describe(at),
                                            exact[at],
                                            got[at],
                                            ulps[i]);
                                })
                        .toList();
        Arrays.sort(ulps);
        double relative = off == 0 ? 0 : Math.sqrt(off / size);
        return new GradientRounding(name, relative, ulps[ulps.length / 2], worst);
    }

    /// Indices of the largest values, falling, the first of equals first.
    private static List<Integer> largest(double[] values) {
        List<Integer> largest = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            int place = largest.size();
            while (place > 0 && values[largest.get(place - 1)] < values[i]) {
                place--;
            }
            if (place < NAMED) {
                largest.add(place, i);
            }
            if (largest.size() > NAMED) {
                largest.removeLast();
            }
        }
        return largest;
    }

    /// Spacing of the type's numbers at x.
    private static double unit(double x, DType type) {
        return switch (type) {
            case F64 -> Math.ulp(x);
            case F32 -> Math.ulp((float) x);
            case BF16 -> {
                // Seven fraction bits, so 2^16 units of F32; its numbers end where F32's do.
                float near = BFloat16.toFloat(BFloat16.of(x));
                yield 0x1p16 * Math.ulp(Float.isInfinite(near) ? Float.MAX_VALUE : near);
            }
            case I32 -> throw new IllegalArgumentException("no gradient is of integers");
        };
    }

    /// The elements that are furthest off over all parameters, in units in the last place.
    public static List<Entry> worst(List<GradientRounding> all, int count) {
        return all.stream()
                .flatMap(one -> one.worst().stream())
                .sorted(Comparator.comparingDouble(Entry::ulps).reversed())
                .limit(count)
                .toList();
    }
}
