package dev.lethe.model.study;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.ExampleGradients;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.OutputTerm;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One relearning step on each example, predicted and taken on a copy.
final class InfluenceStudy {
    private final Workers workers;
    private final Progress progress;

    InfluenceStudy(Workers workers, Progress progress) {
        this.workers = workers;
        this.progress = progress;
    }

    Influence of(Batch examples, Point target, Optional<Point> retain, double rate) {
        if (!(rate > 0)) {
            throw new IllegalArgumentException(
                    "influence: expected a rate above 0, got " + rate);
        }
        Gemma2 model = target.model();
        Coordinates all = Coordinates.of(model.parameters());
        double[][] gradients = gradients(examples, model, all);
        double[][] gram = new double[gradients.length][gradients.length];
        for (int b = 0; b < gram.length; b++) {
            for (int c = 0; c <= b; c++) {
                gram[b][c] = Vectors.dot(gradients[b], gradients[c]);
                gram[c][b] = gram[b][c];
            }
        }
        List<Influence.Example> found = new ArrayList<>();
        double before;
        try (Gemma2 moved = model.copy();
                LossSurface here = LossSurface.of(target, workers);
                LossSurface there =
                        LossSurface.of(
                                new Point(moved, target.objective(), target.batch()), workers)) {
            before = here.loss();
            double[] ofTarget = here.gradient();
            double[] ofRetain = retain.map(this::gradient).orElse(new double[all.dimension()]);
            double[] start = all.read(model.parameters());
            for (int row = 0; row < gradients.length; row++) {
                double[] g = gradients[row];
                double first = rate * Vectors.dot(g, ofTarget);
                double bend = rate * rate / 2 * Vectors.dot(g, here.hessianTimes(g));
                double[] stepped = start.clone();
                Vectors.addTo(-rate, g, stepped);
                all.write(stepped, moved.parameters());
                found.add(
                        new Influence.Example(
                                row,
                                examples.rows(row, row + 1).targetCount(),
                                Math.sqrt(gram[row][row]),
                                Vectors.cosine(g, ofTarget),
                                Vectors.cosine(g, ofRetain),
                                first,
                                first - bend,
                                before - there.loss()));
                progress.after(row + 1, gradients.length);
            }
        }
        return new Influence(rate, before, List.copyOf(found), gram, gradients);
    }

    /// Each of the example's own mean, not of its part in the batch's.
    private double[][] gradients(Batch examples, Gemma2 model, Coordinates all) {
        Point point = new Point(model, new NextToken(), StepBatch.main(examples));
        OutputTerm term = OutputTerm.of(point.objective()).getFirst();
        double[][] gradients = ExampleGradients.of(point, term, all, workers).values();
        for (int row = 0; row < gradients.length; row++) {
            int own = examples.rows(row, row + 1).targetCount();
            if (own > 0) {
                gradients[row] =
                        Vectors.scaled(examples.targetCount() / (double) own, gradients[row]);
            }
        }
        return gradients;
    }

    private double[] gradient(Point point) {
        try (LossSurface surface = LossSurface.of(point, workers)) {
            return surface.gradient();
        }
    }
}
