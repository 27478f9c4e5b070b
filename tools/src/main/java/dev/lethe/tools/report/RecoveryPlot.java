package dev.lethe.tools.report;

import dev.lethe.model.stage.RecoveryCurve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;

/// Recovery curves drawn in characters: one letter a model, straight lines between evaluated steps.
final class RecoveryPlot {
    private static final int HEIGHT = 10; // rows above the axis, a tenth of accuracy each
    private static final int WIDTH = 60;

    private RecoveryPlot() {}

    static List<String> of(Findings findings) {
        char[][] canvas = new char[HEIGHT + 1][WIDTH + 1];
        for (char[] row : canvas) {
            Arrays.fill(row, ' ');
        }
        List<RecoveryCurve> curves =
                findings.attacked().stream()
                        .map(model -> RecoveryCurve.mean(findings.curves(model)))
                        .toList();
        long last =
                curves.stream()
                        .filter(curve -> !curve.heights().isEmpty())
                        .mapToLong(curve -> curve.heights().lastKey())
                        .max()
                        .orElse(0);
        StringBuilder legend = new StringBuilder();
        for (int i = 0; i < curves.size(); i++) {
            String model = findings.attacked().get(i);
            draw(curves.get(i).heights(), last, letter(model), canvas);
            legend.append("  ").append(letter(model)).append(' ').append(model);
        }
        List<String> lines = new ArrayList<>();
        lines.add("accuracy" + legend + "  * several");
        for (int row = 0; row <= HEIGHT; row++) {
            double height = 1 - (double) row / HEIGHT;
            lines.add("%6.1f |%s".formatted(height, new String(canvas[row]).stripTrailing()));
        }
        lines.add("       +" + "-".repeat(WIDTH + 1));
        String end = Long.toString(last);
        String middle = Long.toString(last / 2);
        lines.add(
                "        0"
                        + padded(middle, WIDTH / 2)
                        + padded(end, WIDTH - WIDTH / 2)
                        + "  attack steps");
        return lines;
    }

    private static String padded(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static char letter(String model) {
        return Character.toUpperCase(model.charAt(0));
    }

    private static void draw(
            NavigableMap<Long, Double> heights, long last, char letter, char[][] canvas) {
        if (heights.isEmpty() || last == 0) {
            return;
        }
        for (int x = 0; x <= WIDTH; x++) {
            double step = (double) x / WIDTH * last;
            var before = heights.floorEntry((long) step);
            var after = heights.higherEntry((long) step);
            if (before == null || after == null && step > before.getKey()) {
                continue;
            }
            double height = before.getValue();
            if (after != null) {
                double share = (step - before.getKey()) / (after.getKey() - before.getKey());
                height += share * (after.getValue() - before.getValue());
            }
            int row = HEIGHT - (int) Math.round(height * HEIGHT);
            canvas[row][x] = canvas[row][x] == ' ' ? letter : '*';
        }
    }
}
