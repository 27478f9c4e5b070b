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
import dev.lethe.tools.command.RefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// `curvature`: how sharp the loss is around each model, and along the way that relearning goes.
final class CurvatureReport {
    private static final long SEED = 1; // of probes; the answer carries their error

    private CurvatureReport() {}

    /// @param objective whose curvature it is
    /// @param losses settings of objectives
    /// @param eigenpairs the largest
    /// @param density of all eigenvalues
    /// @param traceDraws products for the trace
    /// @param relearning along whose way
    record Form(
            List<String> models,
            int tokens,
            LossName objective,
            Largest eigenpairs,
            Density density,
            int traceDraws,
            Relearning relearning,
            Losses losses) {
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

    static Answer of(Form form, Laboratory lab, long seed) {
        if (form.objective() == LossName.CUSTOM && lab.own().isEmpty()) {
            throw new RefusedException(
                    "objective: custom: expected --objective-class CLASS with it, got none; add it");
        }
        SequencedMap<String, Found> found = new LinkedHashMap<>();
        List<Subject> models = lab.select(form.models());
        for (Subject one : models) {
            double from = found.size() / (double) models.size();
            Share share = new Share(lab, from, 1.0 / models.size());
            Optional<double[]> way = form.relearning().way(one, lab);
            try (Gemma2 model = lab.load(one)) {
                found.put(one.name(), found(form, model, way, one, share, seed));
            }
        }
        return new CurvatureDrawing(found, form, form.objective().words(lab.own())).answer();
    }

    private static Found found(
            Form form,
            Gemma2 model,
            Optional<double[]> way,
            Subject one,
            Share share,
            long seed) {
        Rows rows = share.lab().rows();
        if (form.objective().isPlain()) {
            boolean forget = form.objective() == LossName.FORGET_CE;
            Batch own = forget ? rows.forget() : rows.retain();
            Point point = new Point(model, new NextToken(), StepBatch.main(own));
            return found(point, form.plan(), way, one, share);
        }
        Subjects.Group group = share.lab().subjects().groupOf(one);
        try (GroupObjectives objectives =
                GroupObjectives.open(form.losses(), group, share.lab(), seed)) {
            Point point = new Point(model, objectives.get(form.objective()), rows.all());
            return found(point, form.plan(), way, one, share);
        }
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
