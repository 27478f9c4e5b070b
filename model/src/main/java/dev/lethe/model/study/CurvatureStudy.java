package dev.lethe.model.study;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.spectra.Eigenpairs;
import dev.lethe.model.spectra.Hutchinson;
import dev.lethe.model.spectra.Interval;
import dev.lethe.model.spectra.Lanczos;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.SpectralDistribution;
import dev.lethe.model.spectra.SymmetricOperator;
import dev.lethe.model.spectra.Vectors;
import java.util.List;
import java.util.Optional;

/// Spectra of a loss, by exact products.
final class CurvatureStudy {
    private final Point point;
    private final Workers workers;

    CurvatureStudy(Point point, Workers workers) {
        this.point = point;
        this.workers = workers;
    }

    Curvature of(List<String> selected, Curvature.Plan plan, GradientStudy.Phases phases) {
        try (LossSurface surface = LossSurface.of(point, selected, workers)) {
            double[] gradient = surface.gradient();
            Curvature.Spectrum hessian = spectrum("Hessian", surface.hessian(), plan, phases);
            Optional<Curvature.Spectrum> gaussNewton =
                    surface.hasGaussNewton()
                            ? Optional.of(
                                    spectrum("Gauss-Newton", surface.gaussNewton(), plan, phases))
                            : Optional.empty();
            return new Curvature(
                    gradient.length,
                    surface.loss(),
                    Vectors.norm(gradient),
                    hessian,
                    gaussNewton);
        }
    }

    private static Curvature.Spectrum spectrum(
            String name,
            SymmetricOperator operator,
            Curvature.Plan plan,
            GradientStudy.Phases phases) {
        Progress ofTop = phases.begin(name + ", eigenpairs");
        Eigenpairs top = Lanczos.of(operator, plan.top(), ofTop);
        Progress ofDistribution = phases.begin(name + ", distribution");
        SpectralDistribution distribution =
                SpectralDistribution.of(operator, plan.distribution(), ofDistribution);
        Interval trace =
                Hutchinson.trace(
                        operator,
                        plan.traceDraws(),
                        plan.distribution().seed() + 1,
                        phases.begin(name + ", trace"));
        return new Curvature.Spectrum(top, distribution, trace);
    }

    Curvature.Along along(List<String> selected, double[] direction) {
        double length = Vectors.norm(direction);
        if (!(length > 0)) {
            throw new IllegalArgumentException(
                    "along: expected a direction of length above 0, got " + length);
        }
        double[] d = Vectors.scaled(1 / length, direction);
        try (LossSurface surface = LossSurface.of(point, selected, workers)) {
            Optional<Double> gaussNewton =
                    surface.hasGaussNewton()
                            ? Optional.of(Vectors.dot(d, surface.gaussNewtonTimes(d)))
                            : Optional.empty();
            return new Curvature.Along(
                    Vectors.dot(d, surface.gradient()),
                    Vectors.dot(d, surface.hessianTimes(d)),
                    gaussNewton,
                    Vectors.dot(d, surface.thirdTimes(d, d)));
        }
    }
}
