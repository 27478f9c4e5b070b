package dev.lethe.tools.study;

import dev.lethe.model.spectra.Interval;
import dev.lethe.model.study.Curvature;
import dev.lethe.tools.study.CurvatureReport.Found;
import java.util.stream.DoubleStream;

/// Spectra as rows and tensors.
///
/// @param answer takes them
record CurvatureCells(Answer.Builder answer) {
    void add(String model, Found one) {
        answer.cell(model, "loss", "", one.curvature().loss());
        answer.cell(model, "gradient_norm", "", one.curvature().gradientNorm());
        spectrum(model, "hessian", one.curvature().hessian());
        one.curvature()
                .gaussNewton()
                .ifPresent(s -> spectrum(model, "gauss_newton", s));
        along(model, "descent", one.downhill());
        one.relearning().ifPresent(way -> along(model, "relearning", way));
    }

    private void spectrum(String model, String matrix, Curvature.Spectrum of) {
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

    private void along(String model, String direction, Curvature.Along along) {
        answer.cell(model, "slope", direction, along.slope());
        answer.cell(model, "curvature", direction, along.curvature());
        along.gaussNewton().ifPresent(g -> answer.cell(model, "gauss_newton", direction, g));
        answer.cell(model, "third", direction, along.third());
    }
}
