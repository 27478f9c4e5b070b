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
import dev.lethe.tools.report.page.Document;
import dev.lethe.tools.study.CurvatureReport.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/// Spectra as figures, tables and rows.
record CurvatureDrawing(SequencedMap<String, Found> found, CurvatureReport.Form form) {
    private static final int POINTS = 401;
    private static final double FLOOR = 1e-8; // of the peak; a logarithmic axis has no 0
    private static final double WIDTH = 0.006; // of the smoothing, as a part of the range shown

    private String loss() {
        return "CE of " + form.loss().name().toLowerCase(Locale.ROOT) + " rows";
    }

    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        findings(answer);
        answer.section(eigenvalues()).section(densities()).section(traces()).section(along());
        found.forEach((model, one) -> cells(answer, model, one));
        return answer.build();
    }

    private void findings(Answer.Builder answer) {
        found.forEach(
                (model, one) ->
                        answer.finding(
                                "%s: largest eigenvalue of the Hessian %s, trace %s; curvature"
                                    + " along relearning %s",
                                model,
                                Text.number(one.curvature().hessian().top().values()[0]),
                                Text.number(one.curvature().hessian().trace()),
                                one.relearning()
                                        .map(along -> Text.number(along.curvature()))
                                        .orElse("not measured")));
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

    private Document.Section eigenvalues() {
        return new Document.Section(
                "eigenvalues",
                "The sharpest directions",
                List.of(
                        "Largest eigenvalues of the second derivatives of the "
                            + loss()
                            + " over all parameters, by Lanczos with full reorthogonalisation on"
                            + " exact"
                            + " products. An eigenvalue lies within its residual of the value"
                            + " shown."
                            + " The Gauss-Newton matrix leaves out what the model's own curvature"
                            + " adds."),
                List.of(
                        largest("hessian", "Hessian", CurvatureDrawing::hessian),
                        largest(
                                "gauss-newton",
                                "Gauss-Newton matrix",
                                CurvatureDrawing::gaussNewton)),
                List.of());
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
                        loss() + "; band: residual of each pair",
                        Axis.steps("rank of the eigenvalue (1 is the largest)"),
                        Axis.logarithmic("eigenvalue (nats per squared unit of weight)"),
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
                                loss(),
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

    private Document.Section densities() {
        List<Figure> figures = new ArrayList<>();
        figures.add(density("hessian", "Hessian", CurvatureDrawing::hessian));
        figures.add(density("gauss-newton", "Gauss-Newton matrix", CurvatureDrawing::gaussNewton));
        return new Document.Section(
                "densities",
                "How all eigenvalues are spread",
                List.of(
                        Text.format(
                                "Stochastic Lanczos quadrature: %d random directions of %d nodes"
                                    + " each."
                                    + " The band adds two errors: that of the rule (distance to the"
                                    + " rule of three quarters of the nodes) and that of the"
                                    + " sample of"
                                    + " directions (95%%, Student's t). Nearly all eigenvalues lie"
                                    + " at"
                                    + " 0; the axis is logarithmic, and what is below 1e-8 of the"
                                    + " peak"
                                    + " is drawn there.",
                                form.density().probes(), form.density().steps())),
                figures,
                List.of());
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
                        loss() + "; band: error of quadrature and of sampling",
                        Axis.linear("eigenvalue (nats per squared unit of weight)"),
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
                        matrix, loss(), Text.number(WIDTH * (ends[1] - ends[0]))),
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

    private Document.Section traces() {
        List<Dots.Dot> ofHessian = new ArrayList<>();
        List<Dots.Dot> ofGaussNewton = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        found.forEach(
                (model, one) -> {
                    ofHessian.add(dot(rows.size(), one.curvature().hessian().trace()));
                    one.curvature()
                            .gaussNewton()
                            .ifPresent(s -> ofGaussNewton.add(dot(rows.size(), s.trace())));
                    rows.add(row(model, one));
                });
        Dots dots =
                new Dots(
                        "Trace: the sum of all curvatures",
                        "Hutchinson's estimate from %d draws, 95%% interval; %s"
                                .formatted(form.traceDraws(), loss()),
                        Axis.linear("trace (nats per squared unit of weight)"),
                        models(),
                        List.of(
                                new Dots.Series("Hessian", Look.nth(0), ofHessian),
                                new Dots.Series("Gauss-Newton", Look.nth(1), ofGaussNewton)),
                        List.of(Mark.x(0, "")));
        return new Document.Section(
                "traces",
                "How sharp in all directions together",
                List.of(),
                List.of(
                        Figure.of(
                                "traces",
                                "traces",
                                "Trace of both matrices at each model with its 95% interval over"
                                    + " random directions.",
                                dots)),
                List.of(
                        new Document.Table(
                                "Loss in nats; curvatures in nats per squared unit of weight; ± is"
                                    + " the residual of an eigenvalue and the 95% interval of a"
                                    + " trace.",
                                List.of(
                                        "model",
                                        "loss",
                                        "|gradient|",
                                        "largest, H",
                                        "trace, H",
                                        "largest, G",
                                        "trace, G",
                                        "products"),
                                rows)));
    }

    private static Dots.Dot dot(int at, Interval interval) {
        return new Dots.Dot(at, interval.mean(), interval.low(), interval.high());
    }

    private static List<String> row(String model, Found one) {
        Curvature of = one.curvature();
        Optional<Curvature.Spectrum> g = of.gaussNewton();
        return List.of(
                model,
                Text.number(of.loss()),
                Text.number(of.gradientNorm()),
                first(of.hessian().top()),
                Text.number(of.hessian().trace()),
                g.map(s -> first(s.top())).orElse("–"),
                g.map(s -> Text.number(s.trace())).orElse("–"),
                of.hessian().top().steps() + g.map(s -> " and " + s.top().steps()).orElse(""));
    }

    private static String first(Eigenpairs top) {
        return Text.number(top.values()[0]) + " ± " + Text.number(top.residuals()[0]);
    }

    private Document.Section along() {
        List<Dots.Dot> downhill = new ArrayList<>();
        List<Dots.Dot> relearning = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        found.forEach(
                (model, one) -> {
                    int at = models().indexOf(model);
                    downhill.add(Dots.Dot.of(at, one.downhill().curvature()));
                    rows.add(row(model + ": steepest descent", one.downhill()));
                    one.relearning()
                            .ifPresent(
                                    way -> {
                                        relearning.add(Dots.Dot.of(at, way.curvature()));
                                        rows.add(row(model + ": relearning", way));
                                    });
                });
        Dots dots =
                new Dots(
                        "Sharpness along the way back",
                        Text.format(
                                "%s; relearning: %d attack steps at %s",
                                loss(),
                                form.relearning().steps(),
                                Words.plain(form.relearning().rate())),
                        Axis.linear("curvature d H d (nats per squared unit of weight)"),
                        models(),
                        List.of(
                                new Dots.Series("steepest descent", Look.nth(0), downhill),
                                new Dots.Series("the way of relearning", Look.nth(1), relearning)),
                        List.of(Mark.x(0, "")));
        return new Document.Section(
                "along",
                "Sharpness along the way back",
                List.of(
                        "Derivatives of the loss along one direction d of unit length, exact:"
                            + " slope g"
                            + " d, curvature d H d, its Gauss-Newton part d G d, and the third"
                            + " derivative. The way of relearning is the displacement that the"
                            + " run's"
                            + " own attack makes, trained again with the same bits."),
                List.of(
                        Figure.of(
                                "along",
                                "along",
                                "Curvature of the loss along the direction of steepest descent and"
                                    + " along the way that relearning goes. Exact.",
                                dots)),
                List.of(
                        new Document.Table(
                                "Along d: nats per unit of weight, to the power of the order.",
                                List.of(
                                        "model: direction",
                                        "slope",
                                        "d H d",
                                        "d G d",
                                        "third derivative"),
                                rows)));
    }

    private static List<String> row(String name, Curvature.Along along) {
        return List.of(
                name,
                Text.number(along.slope()),
                Text.number(along.curvature()),
                along.gaussNewton().map(Text::number).orElse("–"),
                Text.number(along.third()));
    }

    private static void cells(Answer.Builder answer, String model, Found one) {
        answer.cell(model, "loss", "", one.curvature().loss());
        answer.cell(model, "gradient_norm", "", one.curvature().gradientNorm());
        spectrum(answer, model, "hessian", one.curvature().hessian());
        one.curvature()
                .gaussNewton()
                .ifPresent(s -> spectrum(answer, model, "gauss_newton", s));
        along(answer, model, "descent", one.downhill());
        one.relearning().ifPresent(way -> along(answer, model, "relearning", way));
    }

    private static void spectrum(
            Answer.Builder answer, String model, String matrix, Curvature.Spectrum of) {
        for (int i = 0; i < of.top().values().length; i++) {
            double value = of.top().values()[i];
            double residual = of.top().residuals()[i];
            answer.cell(
                    new Answer.Cell(
                            model,
                            matrix + "_eigenvalue",
                            "",
                            i + 1,
                            value,
                            value - residual,
                            value + residual));
        }
        Interval trace = of.trace();
        answer.cell(
                new Answer.Cell(
                        model,
                        matrix + "_trace",
                        "",
                        Double.NaN,
                        trace.mean(),
                        trace.low(),
                        trace.high()));
        String name = model + "." + matrix;
        answer.tensor(name + ".eigenvalues", of.top().values());
        answer.tensor(name + ".residuals", of.top().residuals());
        answer.tensor(name + ".eigenvectors", of.top().vectors());
        answer.tensor(
                name + ".nodes",
                of.distribution().rules().stream()
                        .flatMapToDouble(rule -> DoubleStream.of(rule.nodes()))
                        .toArray());
        answer.tensor(
                name + ".weights",
                of.distribution().rules().stream()
                        .flatMapToDouble(rule -> DoubleStream.of(rule.weights()))
                        .toArray());
    }

    private static void along(
            Answer.Builder answer, String model, String direction, Curvature.Along along) {
        answer.cell(model, "slope", direction, along.slope());
        answer.cell(model, "curvature", direction, along.curvature());
        along.gaussNewton().ifPresent(g -> answer.cell(model, "gauss_newton", direction, g));
        answer.cell(model, "third", direction, along.third());
    }
}
