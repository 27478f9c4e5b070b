package dev.lethe.model.gradients;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Directional;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.ForwardPass;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.Objective;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;

/// An objective's value, gradient `g` and, on request, Hessian-vector product `H v` at one point.
///
/// `H v` is the gradient of `sum(g v)` with v held fixed, by differentiating the backward pass.
/// H is the Hessian over the selected parameters.
///
/// The batch is cut into parts by shape alone, each a graph of its own, so memory grows with a part
/// and not with the batch. They are added in their order, so the bits do not depend on the number
/// of workers. An objective that is no sum over rows gets its batch whole.
public final class ExactGradients implements AutoCloseable {
    private final SequencedMap<String, Double> denominators;
    private final SequencedMap<String, Double> terms = new LinkedHashMap<>();
    private final Parameters gradient;
    private final Optional<Parameters> product;
    private final Optional<StreamNorms> stream;
    private double loss;

    /// What is to be differentiated, and where.
    ///
    /// @param batch with at least one row in each of its roles
    public record Point(Gemma2 model, Objective objective, StepBatch batch) {}

    private ExactGradients(
            SequencedMap<String, Double> denominators,
            Parameters like,
            boolean twice,
            Optional<StreamNorms> stream) {
        this.denominators = denominators;
        this.gradient = like;
        this.product = twice ? Optional.of(like.zerosLike()) : Optional.empty();
        this.stream = stream;
    }

    /// The gradient for the selected parameters.
    ///
    /// @param selected names of the model's parameters
    public static ExactGradients of(Point point, List<String> selected, Workers workers) {
        return compute(
                point,
                zeros(point.model(), selected),
                Optional.empty(),
                Optional.empty(),
                workers);
    }

    /// The same with [#byPosition], in one backward pass.
    public static ExactGradients withPositions(
            Point point, List<String> selected, Workers workers) {
        return compute(
                point,
                zeros(point.model(), selected),
                Optional.empty(),
                Optional.of(StreamNorms.of(point)),
                workers);
    }

    /// The gradient and the Hessian times `direction`, both for the direction's parameters.
    ///
    /// @param direction v, names and shapes of some of the model's parameters
    public static ExactGradients along(Point point, Parameters direction, Workers workers) {
        return compute(
                point,
                direction.zerosLike(),
                Optional.of(direction),
                Optional.empty(),
                workers);
    }

    /// Zeros in the shapes of the selected parameters, in the model's memory and type; F32 for
    /// BF16, whose gradients of single rows add up there.
    public static Parameters zeros(Gemma2 model, List<String> selected) {
        Parameters all = model.parameters();
        selected.forEach(all::get);
        return Parameters.allocate(
                all.backend(),
                all.dtype().accumulator(),
                all.specs().stream().filter(spec -> selected.contains(spec.name())).toList());
    }

    private static ExactGradients compute(
            Point point,
            Parameters like,
            Optional<Parameters> direction,
            Optional<StreamNorms> stream,
            Workers workers) {
        ExactGradients result;
        try {
            result =
                    new ExactGradients(
                            point.objective().denominators(point.batch()),
                            like,
                            direction.isPresent(),
                            stream);
        } catch (RuntimeException e) {
            like.close();
            throw e;
        }
        try {
            result.addParts(point, direction, workers);
            return result;
        } catch (RuntimeException | Error e) {
            result.close();
            throw e;
        }
    }

    /// One part's results, outside its arena.
    ///
    /// @param squares by the residual stream, `[depth][t]`; empty where nobody asked
    private record Part(
            LossValue value,
            Parameters gradient,
            Optional<Parameters> product,
            double[][] squares)
            implements OrderedParts.Part {
        @Override
        public void close() {
            gradient.close();
            product.ifPresent(Parameters::close);
        }
    }

    private void addParts(Point point, Optional<Parameters> direction, Workers workers) {
        int count = OrderedParts.count(point.model().config(), point.objective(), point.batch());
        OrderedParts.forEach(
                count,
                workers,
                i -> part(point, point.batch().part(i, count), direction),
                this::accumulate);
    }

    private void accumulate(Part part) {
        loss += part.value().loss();
        part.value().terms().forEach((name, value) -> terms.merge(name, value, Double::sum));
        stream.ifPresent(sum -> sum.add(part.squares()));
        Backend backend = gradient.backend();
        backend.elementwise().addTo(part.gradient().flat(), gradient.flat());
        product.ifPresent(
                sum ->
                        backend.elementwise()
                                .addTo(part.product().orElseThrow().flat(), sum.flat()));
    }

    private Part part(Point point, StepBatch rows, Optional<Parameters> direction) {
        try (TensorArena _ = gradient.backend().openStep()) {
            List<ForwardPass> passes = new ArrayList<>();
            Supplier<LossTerms> made =
                    () -> point.objective().terms(point.model(), rows, denominators);
            LossTerms found =
                    stream.isEmpty() ? made.get() : ForwardPass.observed(passes::add, made);
            List<Tensor> targets = point.model().parameters().get(gradient.names());
            return direction.isEmpty()
                    ? first(found, targets, stream.map(s -> s.watch(passes)))
                    : second(found, targets, direction.get());
        }
    }

    private Part first(
            LossTerms found, List<Tensor> targets, Optional<StreamNorms.Watched> watched) {
        List<Tensor> all = new ArrayList<>(targets);
        watched.ifPresent(w -> all.addAll(w.tensors()));
        Gradients first = Autograd.gradients(found.total(), all);
        return new Part(
                LossValue.of(found),
                kept(first, targets),
                Optional.empty(),
                watched.map(w -> w.squares(first)).orElse(new double[0][]));
    }

    private Part second(LossTerms found, List<Tensor> targets, Parameters direction) {
        Gradients first =
                Autograd.gradients(found.total(), targets, Autograd.Mode.DIFFERENTIABLE);
        List<Tensor> along =
                gradient.names().stream().map(name -> direction.get(name).detach()).toList();
        Tensor slope = Directional.dot(first, targets, along);
        Gradients second = Autograd.gradients(slope, targets);
        return new Part(
                LossValue.of(found),
                kept(first, targets),
                Optional.of(kept(second, targets)),
                new double[0][]);
    }

    /// Copies what must outlive the arena.
    private Parameters kept(Gradients found, List<Tensor> targets) {
        Parameters copy = gradient.zerosLike();
        for (int i = 0; i < targets.size(); i++) {
            gradient.backend()
                    .elementwise()
                    .copy(
                            found.of(targets.get(i)).buffer(),
                            copy.get(copy.names().get(i)).buffer());
        }
        return copy;
    }

    /// The weighted sum of the terms.
    public double loss() {
        return loss;
    }

    /// Each term's value, not weighted.
    public SequencedMap<String, Double> terms() {
        return terms;
    }

    /// What each term is the mean over.
    public SequencedMap<String, Double> denominators() {
        return denominators;
    }

    /// `g`; lives until this is closed.
    public Parameters gradient() {
        return gradient;
    }

    /// `H v`, where a direction was given; lives until this is closed.
    public Optional<Parameters> product() {
        return product;
    }

    /// `[depth][t]`: norm, over all rows of all roles, of the gradient by the residual stream at
    /// position t, where it was asked for ([#withPositions]). Depth 0 is the scaled embedding,
    /// depth k the stream after layer k - 1; 0 where the objective does not reach.
    public Optional<double[][]> byPosition() {
        return stream.map(StreamNorms::norms);
    }

    /// The Euclidean norm over all tensors together, summed in F64.
    public static double norm(Parameters tensors) {
        double squares = 0;
        for (String name : tensors.names()) {
            for (double value : tensors.get(name).toDoubles()) {
                squares += value * value;
            }
        }
        return Math.sqrt(squares);
    }

    @Override
    public void close() {
        gradient.close();
        product.ifPresent(Parameters::close);
    }
}
