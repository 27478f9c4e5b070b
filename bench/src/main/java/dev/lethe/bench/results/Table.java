package dev.lethe.bench.results;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// Text in columns, as a Markdown table that also reads well as it is.
public final class Table {
    private final List<List<String>> lines = new ArrayList<>();

    public Table(String... header) {
        lines.add(List.of(header));
    }

    public void add(Object... cells) {
        List<String> line = new ArrayList<>();
        for (Object cell : cells) {
            line.add(String.valueOf(cell));
        }
        lines.add(line);
    }

    /// Measurements beside their ceilings.
    public static Table of(List<Row> rows, Ceilings ceilings) {
        Table table =
                new Table(
                        "benchmark", "parameters", "threads", "time", "+-", "rate", "bound", "%",
                        "heap B/op");
        for (Row row : rows) {
            Ceilings.Bound bound = ceilings.bound(row.work(), row.threads());
            double percent = bound.percent(row.perSecond());
            table.add(
                    row.benchmark(),
                    row.parameters(),
                    row.threads(),
                    time(1 / row.perSecond()),
                    Double.isNaN(row.error())
                            ? "-"
                            : "%.0f%%".formatted(100 * row.error() / row.perSecond()),
                    rate(row),
                    bound.name(),
                    Double.isNaN(percent) ? "-" : "%.0f".formatted(percent),
                    "%.0f".formatted(row.heapBytes()));
        }
        return table;
    }

    private static String time(double seconds) {
        if (seconds < 1e-6) {
            return "%.1f ns".formatted(seconds * 1e9);
        }
        if (seconds < 1e-3) {
            return "%.1f us".formatted(seconds * 1e6);
        }
        return seconds < 1 ? "%.2f ms".formatted(seconds * 1e3) : "%.2f s".formatted(seconds);
    }

    private static String rate(Row row) {
        List<String> rates = new ArrayList<>();
        double flops = row.work().flops() + row.work().flops64();
        if (row.tokens() > 0) {
            rates.add("%.0f tokens/s".formatted(row.tokens() * row.perSecond()));
        }
        if (flops > 0) {
            rates.add("%.1f GFLOP/s".formatted(flops * row.perSecond() * 1e-9));
        }
        if (row.work().bytes() > 0) {
            rates.add("%.1f GB/s".formatted(row.work().bytes() * row.perSecond() * 1e-9));
        }
        if (row.heldBytes() > 0) {
            rates.add("%.1f MiB held".formatted(row.heldBytes() / (1 << 20)));
        }
        if (row.kernelShare() > 0) {
            rates.add("%.1f%% in kernels".formatted(100 * row.kernelShare()));
        }
        return rates.isEmpty() ? "-" : String.join(", ", rates);
    }

    /// Prints the table, columns aligned.
    public void print(PrintStream out) {
        int columns = lines.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> line : lines) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (int l = 0; l < lines.size(); l++) {
            StringBuilder text = new StringBuilder("|");
            for (int i = 0; i < columns; i++) {
                text.append(" %-".concat(widths[i] + "s |").formatted(lines.get(l).get(i)));
            }
            out.println(text);
            if (l == 0) {
                StringBuilder rule = new StringBuilder("|");
                for (int width : widths) {
                    rule.append("-".repeat(width + 2)).append("|");
                }
                out.println(rule);
            }
        }
    }
}
