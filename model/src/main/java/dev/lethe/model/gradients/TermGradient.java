package dev.lethe.model.gradients;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LogitGradient.Sums;
import dev.lethe.model.objective.LogitOutput;
import dev.lethe.model.objective.ModelOutput;
import dev.lethe.model.objective.OutputTerm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The gradient of one term, not weighted: by parameters, by the residual stream, by the logits.
///
/// @param value of the term
/// @param byParameters in the coordinates asked for
/// @param byPosition `[depth][t]`: norm, over all rows, of the gradient by the residual stream at
///     position t; depth 0 is the scaled embedding, depth k the stream after layer k - 1
/// @param byLogits for terms on logits
public record TermGradient(
        OutputTerm term,
        double value,
        double[] byParameters,
        double[][] byPosition,
        Optional<LogitGradient> byLogits) {

    /// In one backward pass over each part of the batch.
    public static TermGradient of(
            Point point, OutputTerm term, Coordinates coordinates, Workers workers) {
        double denominator = point.objective().denominators(point.batch()).get(term.name());
        Batch all = point.batch().get(term.role());
        int rows = OrderedParts.rows(point.model().config(), all.tokens());
        Accumulated sum = new Accumulated();
        OrderedParts.forEach(
                OrderedParts.count(point.model().config(), all),
                workers,
                i -> {
                    Batch part = all.rows(i * rows, Math.min((i + 1) * rows, all.rows()));
                    try (TensorArena _ = point.model().parameters().backend().openStep()) {
                        return part(point, term, part, denominator, coordinates);
                    }
                },
                sum::add);
        return sum.result(term);
    }

    private record Part(
            double value,
            double[] byParameters,
            double[][] squares,
            Optional<LogitPart> logits) {}

    private record LogitPart(
            Sums after, Sums before, int tokens, Optional<LogitGradient.Limit> limit) {}

    private static Part part(
            Point point, OutputTerm term, Batch rows, double denominator, Coordinates coordinates) {
        ModelOutput output = term.read(point.model(), rows, denominator);
        Tensor loss = output.loss();
        List<Tensor> parameters = point.model().parameters().get(coordinates.names());
        List<Tensor> stream = output.activations().stream();
        List<Tensor> targets = new ArrayList<>(parameters);
        targets.addAll(stream);
        if (output instanceof LogitOutput logits) {
            targets.add(logits.values());
            targets.add(logits.uncapped());
        }
        Gradients found = Autograd.gradients(loss, targets);
        double[] byParameters = new double[coordinates.dimension()];
        for (int i = 0; i < parameters.size(); i++) {
            Coordinates.Span span = coordinates.span(coordinates.names().get(i));
            double[] values = found.of(parameters.get(i)).toDoubles();
            System.arraycopy(values, 0, byParameters, span.from(), span.length());
        }
        double[][] squares = new double[stream.size()][];
        for (int depth = 0; depth < squares.length; depth++) {
            squares[depth] = 
                    StreamNorms.squares(
                            found.of(stream.get(depth)).toDoubles(),
                            rows.tokens(),
                            point.model().config().hiddenSize());
        }
        Optional<LogitPart> logits =
                output instanceof LogitOutput of
                        ? Optional.of(logits(point, term, of, found))
                        : Optional.empty();
        return new Part(loss.item(), byParameters, squares, logits);
    }

    private static LogitPart logits(
            Point point, OutputTerm term, LogitOutput output, Gradients found) {
        double cap = point.model().config().finalSoftCap().orElse(Double.POSITIVE_INFINITY);
        int width = output.values().shape().dim(-1);
        double[] z = output.values().toDoubles();
        double[] closed = output.gradient().toDoubles();
        double[] after = found.of(output.values()).toDoubles();
        double[] before = found.of(output.uncapped()).toDoubles();
        double[] closedBefore = new double[z.length];
        for (int i = 0; i < z.length; i++) {
            closedBefore[i] = closed[i] * (1 - (z[i] / cap) * (z[i] / cap));
        }
        Sums ofAfter = new Sums();
        Sums ofBefore = new Sums();
        int tokens = 0;
        for (int row = 0; row < output.counted().length; row++) {
            if (output.counted()[row] != 0) {
                tokens++;
                ofAfter.add(after, closed, row * width, width, output.denominator());
                ofBefore.add(before, closedBefore, row * width, width, output.denominator());
            }
        }
        return new LogitPart(
                ofAfter, ofBefore, tokens, LogitGradient.limit(term.weight(), output));
    }

    private static final class Accumulated {
        private double value;
        private double[] byParameters;
        private double[][] squares;
        private Optional<LogitPart> logits = Optional.empty();

        void add(Part part) {
            value += part.value();
            if (byParameters == null) {
                byParameters = part.byParameters();
                squares = part.squares();
                logits = part.logits();
                return;
            }
            addTo(part.byParameters(), byParameters);
            for (int depth = 0; depth < squares.length; depth++) {
                addTo(part.squares()[depth], squares[depth]);
            }
            logits = logits.map(sums -> plus(sums, part.logits().orElseThrow()));
        }

        private static LogitPart plus(LogitPart sum, LogitPart more) {
            sum.after().add(more.after());
            sum.before().add(more.before());
            // A part without counted tokens has no entropy to tell kinds of goal apart.
            var limit = sum.tokens() > 0 ? sum.limit() : more.limit();
            return new LogitPart(
                    sum.after(), sum.before(), sum.tokens() + more.tokens(), limit);
        }

        private static void addTo(double[] x, double[] y) {
            for (int i = 0; i < y.length; i++) {
                y[i] += x[i];
            }
        }

        TermGradient result(OutputTerm term) {
            double[][] norms = new double[squares.length][];
            for (int depth = 0; depth < norms.length; depth++) {
                norms[depth] = Arrays.stream(squares[depth]).map(Math::sqrt).toArray();
            }
            return new TermGradient(
                    term,
                    value,
                    byParameters,
                    norms,
                    logits.map(
                            of ->
                                    new LogitGradient(
                                            of.after().side(of.tokens()),
                                            of.before().side(of.tokens()),
                                            of.tokens(),
                                            of.limit())));
        }
    }
}
