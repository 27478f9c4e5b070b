package dev.lethe.tools.gradients;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lethe.model.gradients.GradientCheck.Slope;
import dev.lethe.model.gradients.GradientRounding;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.WordConverter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What `lethe gradcheck` prints, with `--json` as it is.
///
/// @param slopes exact ones beside differences of the loss, in F64
/// @param precisions gradients in shorter types beside exact ones at the same, rounded weights
/// @param holds whether no slope differs
record GradcheckReport(
        double loss,
        @JsonProperty("gradient_norm") double gradientNorm,
        String device,
        List<Line> slopes,
        List<OfType> precisions,
        boolean holds) {
    /// @param error that the differences estimate of themselves
    /// @param allowed distance between the two
    record Line(
            String direction,
            double exact,
            double differences,
            double error,
            double allowed,
            String verdict) {
        static Line of(Slope slope) {
            return new Line(
                    slope.direction(),
                    slope.exact(),
                    slope.differences(),
                    slope.error(),
                    slope.allowed(),
                    WordConverter.word(slope.verdict()));
        }
    }

    /// @param device where it was computed
    record OfType(String dtype, String device, List<Parameter> parameters) {}

    /// @param relative L2 distance
    /// @param worst entries, the worst first
    record Parameter(
            String name,
            @JsonProperty("relative_l2") double relative,
            @JsonProperty("median_ulps") double medianUlps,
            List<Worst> worst) {
        static Parameter of(GradientRounding rounding) {
            return new Parameter(
                    rounding.parameter(),
                    rounding.relative(),
                    rounding.medianUlps(),
                    rounding.worst().stream().map(Worst::of).toList());
        }
    }

    /// @param ulps units in the last place of the type at the exact value
    record Worst(String entry, double exact, double got, double ulps) {
        static Worst of(GradientRounding.Entry entry) {
            return new Worst(entry.name(), entry.exact(), entry.got(), entry.ulps());
        }

        /// Its index is that within the parameter.
        private String text() {
            return String.format(
                    Locale.ROOT,
                    "%s: %.6e for %.6e, %.3g ulps",
                    entry.substring(entry.lastIndexOf('[')),
                    got,
                    exact,
                    ulps);
        }
    }

    void print(Console console) {
        console.line("loss %s, gradient norm %s (%s, f64)", loss, gradientNorm, device);
        console.line("");
        console.line(
                "%-52s %15s %15s %9s %9s", "slope along", "exact", "differences", "apart", "error");
        for (Line line : slopes) {
            console.line(
                    "%-52s %15.8e %15.8e %9.1e %9.1e  %s",
                    line.direction(),
                    line.exact(),
                    line.differences(),
                    Math.abs(line.exact() - line.differences()),
                    line.error(),
                    line.verdict());
        }
        for (OfType type : precisions) {
            console.line("");
            console.line(
                    "%-52s %11s %12s  %s",
                    "%s on %s against f64".formatted(type.dtype(), type.device()),
                    "relative L2",
                    "median ulps",
                    "worst entries: index, got, exact");
            for (Parameter each : type.parameters()) {
                console.line(
                        "%-52s %11.1e %12.1f  %s",
                        each.name(), each.relative(), each.medianUlps(), text(each.worst()));
            }
        }
        console.line("");
    }

    private static String text(List<Worst> worst) {
        String named =
                worst.stream()
                        .filter(one -> one.ulps() > 0)
                        .map(Worst::text)
                        .collect(Collectors.joining("; "));
        return named.isEmpty() ? "none is off" : named;
    }
}
