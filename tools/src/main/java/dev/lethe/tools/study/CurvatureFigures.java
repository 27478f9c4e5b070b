package dev.lethe.tools.study;

import dev.lethe.model.spectra.Eigenpairs;
import dev.lethe.model.spectra.Interval;
import dev.lethe.model.spectra.SpectralDistribution;
import dev.lethe.model.study.Curvature;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.study.CurvatureReport.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/// The figures of spectra.
///
/// @param loss whose spectra they are, in words
record CurvatureFigures(
        SequencedMap<String, Found> found, CurvatureReport.Form form, String loss) {
    private static final int POINTS = 401;
    private static final double FLOOR = 1e-8; // of the peak; a logarithmic axis has no 0
    private static final double WIDTH = 0.006; // of the smoothing, as a part of the range shown
    private static final String DESCENT = "steepest descent";
    private static final String RELEARNING = "the way of relearning";

    private String perSquare(String what) {
        return "%s (%s per squared unit of weight)".formatted(what, form.objective().unit());
    }

    private List<String> models() {
        return List.copyOf(found.keySet());
    }

    private static Optional<Curvature.Spectrum> hessian(Found one) {
        return Optional.of(one.curvature().hessian());
    }

    private static Optional<Curvature.Spectrum> gaussNewton(Found one) {
        return one.curvature().gaussNewton();
    }

    /// The largest eigenvalues of each matrix that there is.
    List<Figure> largest() {
        return ofBoth(this::largest);
    }

    /// A figure of one matrix.
    private interface OfMatrix {
        Figure of(String name, String matrix, Function<Found, Optional<Curvature.Spectrum>> of);
    }

    private List<Figure> ofBoth(OfMatrix figure) {
        List<Figure> figures = new ArrayList<>();
        figures.add(figure.of("hessian", "Hessian", CurvatureFigures::hessian));
        if (found.values().stream().anyMatch(one -> gaussNewton(one).isPresent())) {
            figures.add(
                    figure.of(
                            "gauss-newton",
                            "Gauss-Newton matrix",
                            CurvatureFigures::gaussNewton));
        }
        return figures;
    }

    private Figure largest(
            String name, String matrix, Function<Found, Optional<Curvature.Spectrum>> of) {
        Map<String, Look> looks = Look.ofAll(models());
        List<Line> lines = new ArrayList<>();
        found.forEach(
                (model, one) ->
                        of.apply(one)
                                .ifPresent(
                                        spectrum ->
                                                lines.add(
                                                        new Line(
                                                                model,
                                                                looks.get(model),
                                                                spots(spectrum.top())))));
        Chart chart =
                new Chart(
                        "Largest eigenvalues of the " + matrix,
                        loss + "; band: residual of each pair",
                        Axis.steps("rank of the eigenvalue (1 is the largest)"),
                        Axis.ofPositive(perSquare("eigenvalue"), lines),
                        lines,
                        List.of(),
                        true);
        return Figure.of(
                "eigenvalues-" + name,
                "eigenvalues",
                "The %d largest eigenvalues of the %s of the %s at each model, with residuals (at most %s of the largest; too small to see where no band shows)."
                        .formatted(
                                form.eigenpairs().count(),
                                matrix,
                                loss,
                                Text.number(form.eigenpairs().tolerance())),
                chart);
    }

    private static List<Line.Spot> spots(Eigenpairs top) {
        List<Line.Spot> spots = new ArrayList<>();
        for (int i = 0; i < top.values().length; i++) {
            double value = top.values()[i];
            double residual = top.residuals()[i];
            if (value > 0) { // the scale is logarithmic
                double low = Math.max(value - residual, value / 10);
                spots.add(new Line.Spot(i + 1, value, low, value + residual));
            }
        }
        return spots;
    }

    /// How all eigenvalues are spread, of each matrix that there is.
    List<Figure> densities() {
        return ofBoth(this::density);
    }

    private Figure density(
            String name, String matrix, Function<Found, Optional<Curvature.Spectrum>> of) {
        Map<String, Look> looks = Look.ofAll(models());
        double[] ends = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        found.values().stream()
                .flatMap(one -> of.apply(one).stream())
                .forEach(
                        spectrum -> {
                            double[] range = spectrum.distribution().range();
                            ends[0] = Math.min(ends[0], range[0]);
                            ends[1] = Math.max(ends[1], range[1]);
                        });
        List<Line> lines = new ArrayList<>();
        found.forEach(
                (model, one) ->
                        of.apply(one)
                                .ifPresent(
                                        s ->
                                                lines.add(
                                                        new Line(
                                                                model,
                                                                looks.get(model).bare(),
                                                                density(s.distribution(), ends)))));
        Chart chart =
                new Chart(
                        "Spectral density of the " + matrix,
                        loss + "; band: error of quadrature and of sampling",
                        Axis.linear(perSquare("eigenvalue")),
                        Axis.logarithmic("density (share of eigenvalues per unit)"),
                        lines,
                        List.of(),
                        true);
        return Figure.of(
                "density-" + name,
                "densities",
                Text.format(
                        "Density of the eigenvalues of the %s of the %s at each model, smoothed by"
                            + " a normal distribution of standard deviation %s.",
                        matrix, loss, Text.number(WIDTH * (ends[1] - ends[0]))),
                chart);
    }

    private static List<Line.Spot> density(SpectralDistribution of, double[] ends) {
        double extent = ends[1] - ends[0];
        List<Line.Spot> spots = new ArrayList<>();
        double peak = 0;
        for (int i = 0; i < POINTS; i++) {
            double x = ends[0] - 0.03 * extent + 1.06 * extent * i / (POINTS - 1);
            SpectralDistribution.Density density = of.density(x, WIDTH * extent);
            double error = density.quadrature() + density.sampling();
            double low = Math.max(density.value() - error, density.value() / 10);
            spots.add(new Line.Spot(x, density.value(), low, density.value() + error));
            peak = Math.max(peak, density.value());
        }
        double least = FLOOR * peak;
        return spots.stream()
                .map(
                        spot ->
                                new Line.Spot(
                                        spot.x(),
                                        Math.max(least, spot.mean()),
                                        Math.max(least, spot.low()),
                                        Math.max(least, spot.high())))
                .toList();
    }

    /// Sums of all eigenvalues.
    Figure traces() {
        DotsByName drawn = new DotsByName().series("Hessian");
        found.forEach(
                (model, one) -> {
                    int at = drawn.line(model);
                    drawn.add("Hessian", dot(at, one.curvature().hessian().trace()));
                    gaussNewton(one)
                            .ifPresent(s -> drawn.add("Gauss-Newton", dot(at, s.trace())));
                });
        Dots dots =
                drawn.dots(
                        "Trace: the sum of all curvatures",
                        "Hutchinson's estimate from %d draws, 95%% interval; %s"
                                .formatted(form.traceDraws(), loss),
                        Axis.linear(perSquare("trace")),
                        name -> Look.nth(name.equals("Hessian") ? 0 : 1),
                        List.of(Mark.x(0, "")));
        return Figure.of(
                "traces",
                "traces",
                "Trace of both matrices at each model with its 95% interval over random"
                        + " directions.",
                dots);
    }

    private static Dots.Dot dot(int at, Interval interval) {
        return new Dots.Dot(at, interval.mean(), interval.low(), interval.high());
    }

    /// Curvature along two directions.
    Figure along() {
        DotsByName drawn = new DotsByName().series(DESCENT).series(RELEARNING);
        found.forEach(
                (model, one) -> {
                    drawn.add(DESCENT, model, one.downhill().curvature());
                    one.relearning().ifPresent(w -> drawn.add(RELEARNING, model, w.curvature()));
                });
        Dots dots =
                drawn.dots(
                        "Sharpness along the way back",
                        Text.format(
                                "%s; relearning: %d attack steps at %s",
                                loss,
                                form.relearning().steps(),
                                Words.plain(form.relearning().rate())),
                        Axis.linear(perSquare("curvature d H d")),
                        name -> Look.nth(name.equals(DESCENT) ? 0 : 1),
                        List.of(Mark.x(0, "")));
        return Figure.of(
                "along",
                "along",
                "Curvature of the loss along the direction of steepest descent and along the way"
                        + " that relearning goes. Exact.",
                dots);
    }
}
