package dev.lethe.tools.report;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.RecoveryCurve;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Ability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/// Recovery curves of a few models drawn in characters: one letter a model, straight lines between
/// evaluated steps. What the defender wants stands below.
final class RecoveryPlot {
    private static final int HEIGHT = 10; // rows above the axis
    private static final int WIDTH = 60;

    private final double low;
    private final double high;
    private final long last;
    private final char[][] canvas = new char[HEIGHT + 1][WIDTH + 1];

    private RecoveryPlot(double low, double high, long last) {
        this.low = low;
        this.high = high;
        this.last = last;
        for (char[] row : canvas) {
            Arrays.fill(row, ' ');
        }
    }

    private record Curve(char letter, String model, NavigableMap<Long, Double> heights) {}

    /// Empty where no model was attacked in every seed.
    static List<String> of(Findings findings) {
        List<Curve> curves = curves(findings);
        if (curves.isEmpty()) {
            return List.of();
        }
        boolean accuracy = findings.ability() == Ability.ACCURACY;
        RecoveryPlot plot =
                new RecoveryPlot(
                        accuracy ? 0 : heights(curves).min().orElseThrow(),
                        accuracy ? 1 : heights(curves).max().orElseThrow(),
                        curves.stream().mapToLong(c -> c.heights.lastKey()).max().orElseThrow());
        StringBuilder legend = new StringBuilder(accuracy ? "accuracy" : "cross-entropy");
        for (Curve curve : curves) {
            plot.draw(curve);
            legend.append("  ").append(curve.letter).append(' ').append(curve.model);
        }
        List<String> lines = new ArrayList<>();
        lines.add(legend + "  * several");
        for (int row = 0; row <= HEIGHT; row++) {
            double height = plot.low + (plot.high - plot.low) * (HEIGHT - row) / HEIGHT;
            String text = new String(plot.canvas[row]).stripTrailing();
            lines.add(Words.format("%6.1f |%s", findings.ability().of(height) + 0.0, text));
        }
        lines.add("       +" + "-".repeat(WIDTH + 1));
        lines.add(
                "        0"
                        + padded(Long.toString(plot.last / 2), WIDTH / 2)
                        + padded(Long.toString(plot.last), WIDTH - WIDTH / 2)
                        + "  attack steps");
        return lines;
    }

    /// The first judged method's models, filter, and UNDO of greatest alpha.
    private static List<Curve> curves(Findings findings) {
        String method = findings.thresholds().methods().getFirst();
        if (findings.thresholds().methods().contains("maxent")) {
            method = "maxent";
        }
        Stream<Curve> most =
                findings.undone().reversed().stream().limit(1).map(m -> curve('N', m, findings));
        return Stream.concat(
                        Stream.of(
                                curve('F', Findings.FILTER, findings),
                                curve('U', Findings.UNLEARNED + method, findings),
                                curve('D', Findings.DISTILLED + method, findings)),
                        most)
                .filter(curve -> !curve.heights.isEmpty())
                .toList();
    }

    private static Curve curve(char letter, String model, Findings findings) {
        return new Curve(
                letter,
                model,
                RecoveryCurve.mean(
                                findings.seeds().stream()
                                        .map(seed -> findings.recovery(model, seed))
                                        .toList())
                        .heights());
    }

    private static DoubleStream heights(List<Curve> curves) {
        return curves.stream()
                .flatMap(curve -> curve.heights.values().stream())
                .mapToDouble(Double::doubleValue);
    }

    private static String padded(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private void draw(Curve curve) {
        for (int x = 0; x <= WIDTH && last > 0; x++) {
            double step = (double) x / WIDTH * last;
            var before = curve.heights.floorEntry((long) step);
            var after = curve.heights.higherEntry((long) step);
            if (before == null || after == null && step > before.getKey()) {
                continue;
            }
            double height = before.getValue();
            if (after != null) {
                double share = (step - before.getKey()) / (after.getKey() - before.getKey());
                height += share * (after.getValue() - before.getValue());
            }
            int row = HEIGHT - (int) Math.round((height - low) / (high - low) * HEIGHT);
            canvas[row][x] = canvas[row][x] == ' ' ? curve.letter : '*';
        }
    }
}
