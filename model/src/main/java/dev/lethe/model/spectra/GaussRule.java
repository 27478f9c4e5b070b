package dev.lethe.model.spectra;

import java.util.Arrays;
import org.apache.commons.math3.linear.EigenDecomposition;

/// What one direction z sees of a spectrum: the measure that gives eigenvalue i the mass
/// `(z q_i)^2 / |z|^2`, as nodes and weights that integrate polynomials up to twice their number
/// less one exactly (Golub and Welsch 1969).
///
/// @param nodes ascending
/// @param weights above 0, in sum 1
/// @param coarseNodes of the rule of three quarters of the steps
/// @param coarseWeights likewise
/// @param exact whether the measure itself sits on the nodes
public record GaussRule(
        double[] nodes,
        double[] weights,
        double[] coarseNodes,
        double[] coarseWeights,
        boolean exact) {

    static GaussRule of(SymmetricOperator operator, double[] z, int steps, Progress progress) {
        Krylov krylov = new Krylov(operator, z);
        while (krylov.steps() < steps && !krylov.ended()) {
            krylov.extend();
            progress.after(krylov.steps(), steps);
        }
        int size = krylov.steps();
        int fewer = krylov.ended() ? size : Math.max(1, size * 3 / 4);
        double[][] fine = rule(krylov.ritz(size));
        double[][] coarse = rule(krylov.ritz(fewer));
        return new GaussRule(fine[0], fine[1], coarse[0], coarse[1], krylov.ended());
    }

    private static double[][] rule(EigenDecomposition t) {
        double[] descending = t.getRealEigenvalues();
        int size = descending.length;
        double[] nodes = new double[size];
        double[] weights = new double[size];
        for (int i = 0; i < size; i++) {
            double share = t.getEigenvector(size - 1 - i).getEntry(0);
            nodes[i] = descending[size - 1 - i];
            weights[i] = share * share;
        }
        return new double[][] {nodes, weights};
    }

    /// Nodes at or below x.
    private int upTo(double x) {
        int at = Arrays.binarySearch(nodes, x);
        if (at < 0) {
            return -at - 1;
        }
        while (at + 1 < nodes.length && nodes[at + 1] == x) {
            at++;
        }
        return at + 1;
    }

    private double first(int count) {
        double sum = 0;
        for (int i = 0; i < Math.min(count, weights.length); i++) {
            sum += weights[i];
        }
        return Math.max(0, Math.min(1, sum));
    }

    /// The mass at or below x is at least this.
    double below(double x) {
        return exact ? first(upTo(x)) : first(upTo(x) - 1);
    }

    /// The mass at or below x is at most this.
    double above(double x) {
        return exact ? first(upTo(x)) : upTo(x) == nodes.length ? 1 : first(upTo(x) + 1);
    }

    /// Between the two.
    double middle(double x) {
        return first(upTo(x));
    }

    static double smoothed(double[] nodes, double[] weights, double x, double width) {
        double sum = 0;
        for (int i = 0; i < nodes.length; i++) {
            double z = (x - nodes[i]) / width;
            sum += weights[i] * Math.exp(-z * z / 2);
        }
        return sum / (width * Math.sqrt(2 * Math.PI));
    }
}
