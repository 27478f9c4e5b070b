package dev.lethe.model.gradients;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.Objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// An objective's value, gradient `g` and, on request, Hessian-vector product `H v` at one point.
///
/// `H v` is the gradient of `sum(g v)` with v held fixed, by differentiating the backward pass.
/// H is the Hessian over the selected parameters.
///
/// The batch is cut into parts of about one row, each a graph of its own, so memory grows with the
/// longest row and not with the batch. They are added in their order, so the bits do not depend on
/// the number of workers. An objective must be a sum over rows, as those of this project are.
public final class ExactGradients implements AutoCloseable {
    private final SequencedMap<String, Double> denominators;
    private final SequencedMap<String, Double> terms = new LinkedHashMap<>();
    private final Parameters gradient;
    private final Optional<Parameters> product;
    private double loss;

    /// What is to be differentiated, and where.
    ///
    /// @param batch with at least one row in each of its roles
    public record Point(Gemma2 model, Objective objective, StepBatch batch) {}

    private ExactGradients(
            SequencedMap<String, Double> denominators, Parameters like, boolean twice) {
        this.denominators = denominators;
        this.gradient = like;
        this.product = twice ? Optional.of(like.zerosLike()) : Optional.empty();
    }

    /// The gradient for the selected parameters.
    ///
    /// @param selected names of the model's parameters
    public static ExactGradients of(Point point, List<String> selected, Workers workers) {
        return compute(point, zeros(point.model(), selected), Optional.empty(), workers);
    }

    /// The gradient and the Hessian times `direction`, both for the direction's parameters.
    ///
    /// @param direction v, names and shapes of some of the model's parameters
    public static ExactGradients along(Point point, Parameters direction, Workers workers) {
        return compute(point, direction.zerosLike(), Optional.of(direction), workers);
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
            Point point, Parameters like, Optional<Parameters> direction, Workers workers) {
        ExactGradients result;
        try {
            result =
                    new ExactGradients(
                            point.objective().denominators(point.batch()),
                            like,
                            direction.isPresent());
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
    private record Part(LossValues values, Parameters gradient, Optional<Parameters> product)
            implements AutoCloseable {
        @Override
        public void close() {
            gradient.close();
            product.ifPresent(Parameters::close);
        }
    }

    private record LossValues(double loss, SequencedMap<String, Double> terms) {}

    /// In waves of as many parts as there are workers, so that no more gradients are held at a
    /// time.
    private void addParts(Point point, Optional<Parameters> direction, Workers workers) {
        int count = point.batch().rows();
        for (int from = 0; from < count; from += workers.threads()) {
            int first = from;
            int wave = Math.min(workers.threads(), count - from);
            Part[] parts = new Part[wave];
            try {
                workers.forEach(
                        wave,
                        i ->
                                parts[i] =
                                        part(
                                                point,
                                                point.batch().part(first + i, count),
                                                direction));
                for (Part part : parts) {
                    accumulate(part);
                }
            } finally {
                Arrays.stream(parts).filter(part -> part != null).forEach(Part::close);
            }
        }
    }

    private void accumulate(Part part) {
        loss += part.values().loss();
        part.values().terms().forEach((name, value) -> terms.merge(name, value, Double::sum));
        Backend backend = gradient.backend();
        backend.elementwise().addTo(part.gradient().flat(), gradient.flat());
        product.ifPresent(
                sum ->
                        backend.elementwise()
                                .addTo(part.product().orElseThrow().flat(), sum.flat()));
    }

    private Part part(Point point, StepBatch rows, Optional<Parameters> direction) {
        try (TensorArena _ = gradient.backend().openStep()) {
            LossTerms found = point.objective().terms(point.model(), rows, denominators);
            Tensor total = found.total();
            List<String> names = gradient.names();
            List<Tensor> targets = point.model().parameters().get(names);
            if (direction.isEmpty()) {
                Parameters first = kept(Autograd.gradients(total, targets), targets);
                return new Part(values(found), first, Optional.empty());
            }
            Gradients first = Autograd.gradients(total, targets, Autograd.Mode.DIFFERENTIABLE);
            List<Tensor> dots = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                Tensor v = direction.get().get(names.get(i)).detach();
                dots.add(sum(multiply(widened(first.of(targets.get(i))), v)));
            }
            Tensor dot = dots.stream().reduce((x, y) -> add(x, y)).orElseThrow();
            Gradients second = Autograd.gradients(dot, targets);
            return new Part(
                    values(found), kept(first, targets), Optional.of(kept(second, targets)));
        }
    }

    private static LossValues values(LossTerms found) {
        double loss = 0;
        SequencedMap<String, Double> terms = new LinkedHashMap<>();
        for (LossTerms.Term term : found.terms()) {
            double value = term.value().item();
            terms.put(term.name(), value);
            loss += term.weight() * value;
        }
        return new LossValues(loss, terms);
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
