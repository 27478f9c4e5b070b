package dev.lethe.model.study;

import dev.lethe.engine.optim.Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/// Distances between weights, parameter by parameter in F64.
final class MovementStudy {
    private MovementStudy() {}

    /// Sums of squares and products of two vectors, a part at a time.
    private static final class Products {
        private double aa;
        private double bb;
        private double ab;

        void add(double[] a, double[] b) {
            for (int i = 0; i < a.length; i++) {
                aa += a[i] * a[i];
                bb += b[i] * b[i];
                ab += a[i] * b[i];
            }
        }

        double cosine() {
            double size = Math.sqrt(aa) * Math.sqrt(bb);
            return size == 0 ? 0 : Math.max(-1, Math.min(1, ab / size));
        }
    }

    /// Of base and displacement.
    private static Movement.Shift shift(Products products) {
        double across = products.aa * products.bb - products.ab * products.ab;
        double turned = // between base and base + displacement
                Math.atan2(Math.sqrt(Math.max(0, across)), products.aa + products.ab);
        double model = products.aa + 2 * products.ab + products.bb;
        boolean angle = products.aa > 0 && model > 0;
        return new Movement.Shift(
                Math.sqrt(products.aa), Math.sqrt(products.bb), angle ? turned : 0);
    }

    static Movement between(Parameters base, Parameters now) {
        requireSame(base, now);
        Products whole = new Products();
        SequencedMap<String, Products> groups = new LinkedHashMap<>();
        List<Movement.OfParameter> parameters = new ArrayList<>();
        for (Parameters.Spec spec : base.specs()) {
            ParameterPlace place = ParameterPlace.of(spec.name());
            double[] from = base.get(spec.name()).toDoubles();
            double[] moved = difference(now.get(spec.name()).toDoubles(), from);
            Products own = new Products();
            own.add(from, moved);
            whole.add(from, moved);
            groups.computeIfAbsent(place.group(), _ -> new Products()).add(from, moved);
            Optional<Movement.Rank> rank =
                    spec.shape().rank() == 2
                            ? Optional.of(rank(moved, spec.shape().dim(1)))
                            : Optional.empty();
            parameters.add(new Movement.OfParameter(place, shift(own), rank));
        }
        SequencedMap<String, Movement.Shift> byGroup = new LinkedHashMap<>();
        groups.forEach((group, products) -> byGroup.put(group, shift(products)));
        return new Movement(shift(whole), byGroup, List.copyOf(parameters));
    }

    static Movement.Rank rank(double[] matrix, int columns) {
        RealMatrix rows = new Array2DRowRealMatrix(matrix.length / columns, columns);
        for (int i = 0; i < matrix.length; i++) {
            rows.setEntry(i / columns, i % columns, matrix[i]);
        }
        double[] singular = new SingularValueDecomposition(rows).getSingularValues();
        double sum = 0;
        double squares = 0;
        for (double value : singular) {
            sum += value;
            squares += value * value;
        }
        if (sum == 0) {
            return new Movement.Rank(0, 0, singular);
        }
        double entropy = 0;
        for (double value : singular) {
            double share = value / sum;
            entropy -= share == 0 ? 0 : share * Math.log(share);
        }
        return new Movement.Rank(
                Math.exp(entropy), squares / (singular[0] * singular[0]), singular);
    }

    static Undoing undoing(Parameters base, Parameters unlearned, Parameters relearned) {
        requireSame(base, unlearned);
        requireSame(base, relearned);
        Products whole = new Products();
        SequencedMap<String, Products> groups = new LinkedHashMap<>();
        for (String name : base.names()) {
            double[] middle = unlearned.get(name).toDoubles();
            double[] u = difference(middle, base.get(name).toDoubles());
            double[] back = difference(middle, relearned.get(name).toDoubles()); // -r
            whole.add(u, back);
            groups.computeIfAbsent(ParameterPlace.of(name).group(), _ -> new Products())
                    .add(u, back);
        }
        SequencedMap<String, Undoing.Part> byGroup = new LinkedHashMap<>();
        groups.forEach((group, products) -> byGroup.put(group, part(products)));
        return new Undoing(part(whole), byGroup);
    }

    private static Undoing.Part part(Products of) {
        if (of.aa == 0) {
            return new Undoing.Part(0, 0, 0);
        }
        double left = Math.sqrt(Math.max(0, of.aa - 2 * of.ab + of.bb));
        return new Undoing.Part(of.ab / of.aa, of.cosine(), left / Math.sqrt(of.aa));
    }

    private static double[] difference(double[] a, double[] b) {
        double[] d = new double[a.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = a[i] - b[i];
        }
        return d;
    }

    static void requireSame(Parameters one, Parameters other) {
        if (!one.specs().equals(other.specs())) {
            throw new IllegalArgumentException(
                    "study: expected models of the same shapes, got %d and %d parameters that differ at %s; give checkpoints of one configuration"
                            .formatted(one.count(), other.count(), firstDifference(one, other)));
        }
    }

    private static String firstDifference(Parameters one, Parameters other) {
        int i = 0;
        while (i < Math.min(one.specs().size(), other.specs().size())
                && one.specs().get(i).equals(other.specs().get(i))) {
            i++;
        }
        return i < one.specs().size() ? one.specs().get(i).name() : "the end";
    }
}
