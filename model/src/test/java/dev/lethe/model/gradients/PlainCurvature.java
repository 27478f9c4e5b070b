package dev.lethe.model.gradients;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.HiddenOutput;
import dev.lethe.model.objective.ModelOutput;
import dev.lethe.model.objective.OutputTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/// The outputs of all terms as one vector, and the curvature of the losses by them in plain loops.
final class PlainCurvature {
    private final Point point;

    PlainCurvature(Point point) {
        this.point = point;
    }

    /// All terms' outputs, one after another.
    double[] outputs() {
        return read().stream().flatMapToDouble(o -> DoubleStream.of(o.values())).toArray();
    }

    private record Read(
            OutputTerm term, int width, int[] counted, boolean logits, double[] values) {}

    private List<Read> read() {
        List<Read> all = new ArrayList<>();
        try (TensorArena _ = point.model().parameters().backend().openStep()) {
            for (OutputTerm term : point.objective().outputTerms()) {
                Batch rows = point.batch().get(term.role());
                ModelOutput output =
                        Recording.off(() -> term.read(point.model(), rows, denominator(term)));
                all.add(
                        new Read(
                                term,
                                output.values().shape().dim(-1),
                                output.counted(),
                                !(output instanceof HiddenOutput),
                                output.values().toDoubles()));
            }
        }
        return all;
    }

    private double denominator(OutputTerm term) {
        return point.objective().denominators(point.batch()).get(term.name());
    }

    /// `a B b`, B the Hessian by the outputs.
    double product(double[] a, double[] b) {
        double total = 0;
        int at = 0;
        for (Read read : read()) {
            double sum = 0;
            for (int row = 0; row < read.counted().length; row++, at += read.width()) {
                if (read.counted()[row] == 1) {
                    sum +=
                            read.logits()
                                    ? covariance(read, row * read.width(), a, b, at)
                                    : 2 * dot(read.width(), a, b, at);
                }
            }
            total += read.term().weight() * sum / denominator(read.term());
        }
        return total;
    }

    private static double dot(int width, double[] a, double[] b, int at) {
        double sum = 0;
        for (int i = at; i < at + width; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /// Of a and b under the softmax of a row's logits.
    private static double covariance(Read read, int from, double[] a, double[] b, int at) {
        double mass = 0;
        double ofA = 0;
        double ofB = 0;
        double both = 0;
        for (int i = 0; i < read.width(); i++) {
            double p = Math.exp(read.values()[from + i]);
            mass += p;
            ofA += p * a[at + i];
            ofB += p * b[at + i];
            both += p * a[at + i] * b[at + i];
        }
        return both / mass - ofA / mass * ofB / mass;
    }
}
