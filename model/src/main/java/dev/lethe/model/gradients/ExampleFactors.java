package dev.lethe.model.gradients;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.MatMul.matMul;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.autograd.WeightTap;
import dev.lethe.engine.autograd.WeightUse;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.OutputTerm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/// The gradients of all examples of some rows, as products of factors, from one backward pass. For
/// a weight used once, example b has the gradient `L_b^T R_b` with `L [B,T,m]` and `R [B,T,n]`
/// ([WeightUse]); for the tied embedding, used as input table and as output head, the sum of two.
///
/// Inner products need no gradient:
/// `<L_b^T R_b, L_c^T R_c> = sum over t, s of (l_bt l_cs)(r_bt r_cs)`, and for two uses the cross
/// terms likewise.
///
/// Lives in the current arena.
final class ExampleFactors {
    /// @param left `[B,T,m]`
    /// @param right `[B,T,n]`
    private record Factor(Tensor left, Tensor right) {}

    private final SequencedMap<String, List<Factor>> factors = new LinkedHashMap<>();
    private final int examples;
    private final double value;

    private ExampleFactors(int examples, double value) {
        this.examples = examples;
        this.value = value;
    }

    static ExampleFactors of(
            Point point, OutputTerm term, Batch rows, double denominator, Coordinates of) {
        WeightTap tap = new WeightTap();
        Tensor loss =
                tap.during(() -> term.read(point.model(), rows, denominator).loss());
        SequencedMap<String, List<WeightUse>> uses = new LinkedHashMap<>();
        List<Tensor> outputs = new ArrayList<>();
        for (String name : of.names()) {
            List<WeightUse> own = tap.uses(loss, point.model().parameters().get(name));
            own.forEach(use -> outputs.add(use.output()));
            uses.put(name, own);
        }
        ExampleFactors found = new ExampleFactors(rows.rows(), loss.item());
        Gradients gradients = Autograd.gradients(loss, outputs);
        uses.forEach(
                (name, own) ->
                        found.factors.put(
                                name,
                                own.stream()
                                        .map(use -> factor(use, gradients.of(use.output())))
                                        .toList()));
        return found;
    }

    private static Factor factor(WeightUse use, Tensor g) {
        return new Factor(use.left(g), use.right(g));
    }

    int examples() {
        return examples;
    }

    /// Of the term, over all rows.
    double value() {
        return value;
    }

    /// Each example's gradient of a parameter, `[B][m n]`; zeros where the term does not depend on
    /// it.
    double[][] gradients(String name, int length) {
        double[][] rows = new double[examples][length];
        Tensor sum = added(factors.get(name), f -> matMul(f.left(), f.right(), true, false));
        if (sum != null) {
            double[] all = sum.toDoubles();
            for (int b = 0; b < examples; b++) {
                System.arraycopy(all, b * length, rows[b], 0, length);
            }
        }
        return rows;
    }

    /// Squared norm of each example's gradient of a parameter, `[B]`.
    double[] squaredNorms(String name) {
        List<Factor> own = factors.get(name);
        Tensor sum = added(pairs(own), this::within);
        return sum == null ? new double[examples] : sum.toDoubles();
    }

    /// Inner products of all examples' gradients of a parameter, `[B][B]`.
    double[][] gram(String name) {
        Tensor sum = added(pairs(factors.get(name)), this::across);
        double[][] gram = new double[examples][examples];
        if (sum != null) {
            double[] all = sum.toDoubles();
            for (int b = 0; b < examples; b++) {
                System.arraycopy(all, b * examples, gram[b], 0, examples);
            }
        }
        return gram;
    }

    private record Pair(Factor one, Factor other) {}

    private static List<Pair> pairs(List<Factor> factors) {
        List<Pair> pairs = new ArrayList<>();
        for (Factor one : factors) {
            factors.forEach(other -> pairs.add(new Pair(one, other)));
        }
        return pairs;
    }

    /// Products within an example: `[B,T,T]` a pair, summed to `[B]`.
    private Tensor within(Pair pair) {
        Tensor left = matMul(pair.one().left(), pair.other().left(), false, true);
        Tensor right = matMul(pair.one().right(), pair.other().right(), false, true);
        Tensor both = multiply(left, right);
        int cells = Math.toIntExact(both.shape().size() / examples);
        return sum(reshape(both, Shape.of(examples, cells)), 1);
    }

    /// Products across examples: `[B T, B T]` a pair, summed to `[B, B]`.
    private Tensor across(Pair pair) {
        Tensor left = matMul(flat(pair.one().left()), flat(pair.other().left()), false, true);
        Tensor right = matMul(flat(pair.one().right()), flat(pair.other().right()), false, true);
        Tensor both = multiply(left, right);
        int tokens = both.shape().dim(0) / examples;
        Tensor split = reshape(both, Shape.of(examples, tokens, examples, tokens));
        return sum(sum(split, 3), 1);
    }

    private static Tensor flat(Tensor rows) {
        return reshape(rows, Shape.of(rows.shape().rows(), rows.shape().dim(-1)));
    }

    private static <T> Tensor added(List<T> parts, Function<T, Tensor> work) {
        return Recording.off(
                () -> parts.stream().map(work).reduce((x, y) -> add(x, y)).orElse(null));
    }
}
