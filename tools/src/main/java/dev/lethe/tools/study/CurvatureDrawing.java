package dev.lethe.tools.study;

import dev.lethe.model.spectra.Eigenpairs;
import dev.lethe.model.study.Curvature;
import dev.lethe.tools.report.page.Document;
import dev.lethe.tools.study.CurvatureReport.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Spectra as findings, sections and tables.
///
/// @param loss whose spectra they are, in words
record CurvatureDrawing(
        SequencedMap<String, Found> found, CurvatureReport.Form form, String loss) {
    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        findings(answer);
        answer.section(eigenvalues()).section(densities()).section(traces()).section(along());
        found.forEach(new CurvatureCells(answer)::add);
        return answer.build();
    }

    private CurvatureFigures figures() {
        return new CurvatureFigures(found, form, loss);
    }

    private String unit() {
        return form.objective().unit();
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

    private Document.Section eigenvalues() {
        return new Document.Section(
                "eigenvalues",
                "The sharpest directions",
                List.of(
                        "Largest eigenvalues of the second derivatives of the "
                            + loss
                            + " over all parameters, by Lanczos with full reorthogonalisation on"
                            + " exact"
                            + " products. An eigenvalue lies within its residual of the value"
                            + " shown."
                            + " The Gauss-Newton matrix leaves out what the model's own curvature"
                            + " adds; an objective that does not state its terms as functions of"
                            + " the model's output has none."),
                figures().largest(),
                List.of());
    }

    private Document.Section densities() {
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
                figures().densities(),
                List.of());
    }

    private Document.Section traces() {
        List<List<String>> rows = new ArrayList<>();
        found.forEach((model, one) -> rows.add(row(model, one)));
        return new Document.Section(
                "traces",
                "How sharp in all directions together",
                List.of(),
                List.of(figures().traces()),
                List.of(
                        new Document.Table(
                                "Loss in "
                                    + (unit().equals("loss") ? "its own unit" : unit())
                                    + "; curvatures in "
                                    + unit()
                                    + " per squared unit of weight; ± is the residual of an"
                                    + " eigenvalue and the 95% interval of a trace.",
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
        List<List<String>> rows = new ArrayList<>();
        found.forEach(
                (model, one) -> {
                    rows.add(row(model + ": steepest descent", one.downhill()));
                    one.relearning().ifPresent(w -> rows.add(row(model + ": relearning", w)));
                });
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
                List.of(figures().along()),
                List.of(
                        new Document.Table(
                                "Along d: %s per unit of weight, to the power of the order."
                                        .formatted(unit()),
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
}
