package dev.lethe.tools.study;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.spectra.Eigenpairs;
import dev.lethe.model.spectra.Lanczos;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.SpectralDistribution;
import dev.lethe.model.spectra.Vectors;
import dev.lethe.model.study.Curvature;
import dev.lethe.tools.command.FailedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/// `curvature`: how sharp the loss is around each model, and along the way that relearning goes.
final class CurvatureReport {
    private static final long SEED = 1; // of probes; the answer carries their error

    private CurvatureReport() {}

    /// @param loss of which rows
    /// @param eigenpairs the largest
    /// @param density of all eigenvalues
    /// @param traceDraws products for the trace
    /// @param relearning along whose way
    record Form(
            List<String> models,
            int tokens,
            Data loss,
            Largest eigenpairs,
            Density density,
            int traceDraws,
            Relearning relearning) {
        Curvature.Plan plan() {
            return new Curvature.Plan(
                    new Lanczos.Plan(
                            eigenpairs.count,
                            Lanczos.End.LARGEST,
                            eigenpairs.tolerance,
                            eigenpairs.mostSteps,
                            SEED),
                    new SpectralDistribution.Plan(density.probes, density.steps, SEED),
                    traceDraws);
        }
    }

    /// Rows that a loss is taken of.
    enum Data {
        FORGET,
        RETAIN;

        /// What their loss is called.
        String words() {
            return "CE of " + name().toLowerCase(Locale.ROOT) + " rows";
        }
    }

    /// @param tolerance residual as a part of the largest eigenvalue
    record Largest(int count, double tolerance, int mostSteps) {}

    record Density(int probes, int steps) {}

    /// What was found of one model.
    ///
    /// @param downhill along minus the gradient
    /// @param relearning along the way that the attack goes, where there is one
    record Found(
            Curvature curvature,
            Curvature.Along downhill,
            Optional<Curvature.Along> relearning) {}

    static Answer of(Form form, Laboratory lab) {
        Curvature.Plan plan = form.plan();
        Batch rows = form.loss() == Data.FORGET ? lab.rows().forget() : lab.rows().retain();
        SequencedMap<String, Found> found = new LinkedHashMap<>();
        List<Subject> models = lab.select(form.models());
        for (Subject one : models) {
            double from = found.size() / (double) models.size();
            Optional<double[]> way = form.relearning().way(one, lab);
            try (Gemma2 model = lab.load(one)) {
                Point point = new Point(model, new NextToken(), StepBatch.main(rows));
                found.put(
                        one.name(),
                        found(point, plan, way, one, new Share(lab, from, 1.0 / models.size())));
            }
        }
        return new CurvatureDrawing(found, form).answer();
    }

    /// A model's share of the work.
    private record Share(Laboratory lab, double from, double width) {}

    private static Found found(
            Point point,
            Curvature.Plan plan,
            Optional<double[]> way,
            Subject one,
            Share share) {
        List<String> all = point.model().parameters().names();
        Curvature curvature =
                share.lab()
                        .study()
                        .curvature(point, all, plan, new Phases(plan, one.name(), share)::begin);
        requireConverged(one.name(), "Hessian", curvature.hessian().top());
        curvature
                .gaussNewton()
                .ifPresent(
                        spectrum -> requireConverged(one.name(), "Gauss-Newton", spectrum.top()));
        double[] downhill;
        try (LossSurface surface = LossSurface.of(point, share.lab().workers())) {
            downhill = Vectors.scaled(-1, surface.gradient());
        }
        return new Found(
                curvature,
                share.lab().study().along(point, all, downhill),
                way.map(direction -> share.lab().study().along(point, all, direction)));
    }

    private static void requireConverged(String model, String matrix, Eigenpairs top) {
        try {
            top.requireConverged();
        } catch (IllegalStateException e) {
            throw new FailedException(
                    "%s, %s: %s (--set eigenpairs.mostSteps=N, eigenpairs.tolerance=X)"
                            .formatted(model, matrix, e.getMessage()),
                    e);
        }
    }

    /// Phases of one model in the order in which they come, by their products.
    private static final class Phases {
        private final Curvature.Plan plan;
        private final String model;
        private final Share share;
        private double before;

        Phases(Curvature.Plan plan, String model, Share share) {
            this.plan = plan;
            this.model = model;
            this.share = share;
        }

        Progress begin(String phase) {
            double products =
                    phase.endsWith("eigenpairs")
                            ? plan.top().mostSteps()
                            : phase.endsWith("trace")
                                    ? plan.traceDraws()
                                    : plan.distribution().probes() * plan.distribution().steps();
            double all = 2.0 * plan.products();
            double from = share.from() + share.width() * before / all;
            before += products;
            return share.lab()
                    .part(model + ": " + phase, from, share.width() * products / all);
        }
    }
}
