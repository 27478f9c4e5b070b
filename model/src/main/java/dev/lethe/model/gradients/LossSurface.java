package dev.lethe.model.gradients;

import static dev.lethe.engine.autograd.Affine.scale;

import dev.lethe.engine.autograd.Directional;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.JointOutput;
import dev.lethe.model.objective.JointTerm;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.ModelOutput;
import dev.lethe.model.objective.OutputTerm;
import dev.lethe.model.spectra.SymmetricOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/// An objective on a batch as a function of selected parameters: its value and exact derivatives,
/// to third order, at the point where the model's parameters are when a method is called. Vectors
/// are in [#coordinates].
///
/// ```java
/// try (LossSurface surface = LossSurface.of(point, point.model().parameters().names(), workers)) {
///     double[] g = surface.gradient();
///     double along = Vectors.dot(g, surface.hessianTimes(g)) / Vectors.dot(g, g);
/// }
/// ```
///
/// A product costs about eight forward passes. Not thread-safe: it spreads its own work over the
/// workers.
public final class LossSurface implements AutoCloseable {
    private final Point point;
    private final Coordinates coordinates;
    private final Workers workers;
    private final SequencedMap<String, Double> denominators;
    private final Parameters v;
    private final Parameters w;

    private LossSurface(Point point, List<String> selected, Workers workers) {
        this.point = point;
        this.workers = workers;
        this.coordinates = Coordinates.of(point.model().parameters(), selected);
        this.denominators = point.objective().denominators(point.batch());
        this.v = ExactGradients.zeros(point.model(), selected);
        this.w = v.zerosLike();
    }

    /// @param selected names of the parameters that are variables; the others are constants
    public static LossSurface of(Point point, List<String> selected, Workers workers) {
        return new LossSurface(point, selected, workers);
    }

    /// Over all parameters.
    public static LossSurface of(Point point, Workers workers) {
        return of(point, point.model().parameters().names(), workers);
    }

    public Coordinates coordinates() {
        return coordinates;
    }

    public Point point() {
        return point;
    }

    /// The objective's value.
    public double loss() {
        return LossValue.of(point, workers).loss();
    }

    public double[] gradient() {
        try (ExactGradients found = ExactGradients.of(point, coordinates.names(), workers)) {
            return coordinates.read(found.gradient());
        }
    }

    /// H v.
    public double[] hessianTimes(double[] direction) {
        coordinates.write(direction, v);
        try (ExactGradients found = ExactGradients.along(point, v, workers)) {
            return coordinates.read(found.product().orElseThrow());
        }
    }

    /// The vector of third derivatives `sum_jk d3L / dx_i dx_j dx_k a_j b_k`.
    public double[] thirdTimes(double[] a, double[] b) {
        coordinates.write(a, v);
        coordinates.write(b, w);
        int count = OrderedParts.count(point.model().config(), point.objective(), point.batch());
        return sum(
                count,
                (i, inputs) -> {
                    StepBatch rows = point.batch().part(i, count);
                    LossTerms terms = point.objective().terms(point.model(), rows, denominators);
                    return Directional.thirdDerivative(
                            terms.total(), inputs, direction(v), direction(w));
                });
    }

    /// G v, with `G = sum over terms of weight J^T H_o J`: J the Jacobian of the model's output and
    /// H_o the term's Hessian by that output ([ModelOutput#curvature]). The output is the logits
    /// after the soft-cap for losses on logits, hidden states for RMU. G is the Hessian without
    /// what the curvature of the model itself adds; where a term's weight is negative, so is its
    /// part of G. Of a [JointTerm], all outputs together are the output, and H_o is of either sign.
    ///
    /// Fails for an objective that does not state its terms as functions of outputs.
    public double[] gaussNewtonTimes(double[] direction) {
        OutputTerm.requireSplit(point.objective());
        coordinates.write(direction, v);
        List<Piece> pieces = pieces();
        List<JointTerm> joint = point.objective().jointTerms();
        return sum(
                pieces.size() + joint.size(),
                (i, inputs) ->
                        i < pieces.size()
                                ? product(pieces.get(i), inputs)
                                : product(joint.get(i - pieces.size()), inputs));
    }

    /// Whether the objective states its terms so that there is a Gauss-Newton matrix.
    public boolean hasGaussNewton() {
        return OutputTerm.isSplit(point.objective());
    }

    private Gradients product(Piece piece, List<Tensor> inputs) {
        OutputTerm term = piece.term();
        double denominator = denominators.get(term.name());
        ModelOutput output = term.read(point.model(), piece.rows(), denominator);
        return Directional.gaussNewtonVector(
                output.values(),
                inputs,
                direction(v),
                u -> scale(output.curvature(u), term.weight()));
    }

    private Gradients product(JointTerm term, List<Tensor> inputs) {
        double denominator = denominators.get(term.name());
        JointOutput output = term.read(point.model(), point.batch(), denominator);
        return Directional.gaussNewtonVector(
                output.values(),
                inputs,
                direction(v),
                u -> output.curvature(u).stream().map(c -> scale(c, term.weight())).toList());
    }

    /// The Hessian at the present parameters.
    public SymmetricOperator hessian() {
        return SymmetricOperator.of(coordinates.dimension(), this::hessianTimes);
    }

    /// The Gauss-Newton matrix at the present parameters.
    public SymmetricOperator gaussNewton() {
        return SymmetricOperator.of(coordinates.dimension(), this::gaussNewtonTimes);
    }

    /// Some rows of one term's role.
    private record Piece(OutputTerm term, Batch rows) {}

    private List<Piece> pieces() {
        List<Piece> pieces = new ArrayList<>();
        for (OutputTerm term : point.objective().outputTerms()) {
            Batch all = point.batch().get(term.role());
            int rows = OrderedParts.rows(point.model().config(), all.tokens());
            for (int from = 0; from < all.rows(); from += rows) {
                pieces.add(new Piece(term, all.rows(from, Math.min(from + rows, all.rows()))));
            }
        }
        return pieces;
    }

    private List<Tensor> direction(Parameters of) {
        return coordinates.names().stream().map(name -> of.get(name).detach()).toList();
    }

    /// What a part adds, in an open arena.
    private interface PartOfSum {
        Gradients of(int index, List<Tensor> inputs);
    }

    private record Kept(Parameters values) implements OrderedParts.Part {
        @Override
        public void close() {
            values.close();
        }
    }

    private double[] sum(int count, PartOfSum part) {
        List<Tensor> inputs = point.model().parameters().get(coordinates.names());
        double[] total = new double[coordinates.dimension()];
        OrderedParts.forEach(
                count,
                workers,
                i -> {
                    try (TensorArena _ = v.backend().openStep()) {
                        return kept(part.of(i, inputs), inputs);
                    }
                },
                kept -> {
                    double[] values = coordinates.read(kept.values());
                    for (int i = 0; i < total.length; i++) {
                        total[i] += values[i];
                    }
                });
        return total;
    }

    private Kept kept(Gradients found, List<Tensor> inputs) {
        Parameters copy = v.zerosLike();
        for (int i = 0; i < inputs.size(); i++) {
            Tensor into = copy.get(coordinates.names().get(i));
            copy.backend()
                    .elementwise()
                    .copy(found.of(inputs.get(i)).buffer(), into.buffer());
        }
        return new Kept(copy);
    }

    @Override
    public void close() {
        v.close();
        w.close();
    }
}
