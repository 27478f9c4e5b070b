package dev.lethe.bench.peers;

import dev.lethe.bench.results.Medians;
import dev.lethe.bench.model.Configuration;
import dev.lethe.bench.peers.Program.Setting;
import dev.lethe.bench.results.Table;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Medians of all runs, their ranges, and Lethe's over each peer's.
final class PeerTables {
    private static final String NOT_MEASURED = "not measured";

    private PeerTables() {}

    static void print(
            Map<Setting, Map<Program, List<PeerRun>>> all, Places places, PrintStream out) {
        Table training =
                new Table(
                        "configuration", "threads", "program", "tokens/s", "range", "Lethe over it",
                        "first loss", "tenth", "last", "steps", "peak MiB",
                        "its peak over Lethe's");
        Table heads =
                new Table(
                        "head", "threads", "program", "ms", "range", "Lethe faster by",
                        "loss", "MiB beyond", "its memory over Lethe's");
        boolean trained = false;
        boolean headed = false;
        for (var entry : all.entrySet()) {
            Setting setting = entry.getKey();
            boolean head = PeersCommand.isHead(setting);
            trained |= !head;
            headed |= head;
            List<PeerRun> lethe = entry.getValue().get(Program.LETHE);
            for (Program program : Program.values()) {
                List<PeerRun> runs = entry.getValue().get(program);
                String title = places.title(program);
                if (head) {
                    addHead(heads, setting, title, runs, lethe);
                } else {
                    addTraining(training, setting, title, runs, lethe);
                }
            }
        }
        if (trained) {
            out.println();
            training.print(out);
        }
        if (headed) {
            out.println();
            heads.print(out);
        }
    }

    private static void addTraining(
            Table table, Setting setting, String title, List<PeerRun> runs, List<PeerRun> lethe) {
        if (runs == null) {
            table.add(
                    setting.work(), setting.threads(), title, NOT_MEASURED, "", "", "", "", "", "",
                    "", "");
            return;
        }
        Configuration size = Configuration.valueOf(setting.work());
        double tokens = (double) size.rows() * size.tokens();
        ToDoubleFunction<PeerRun> rate = run -> tokens / run.seconds();
        double kib = median(runs, PeerRun::kib);
        table.add(
                setting.work(),
                setting.threads(),
                title,
                "%.0f".formatted(median(runs, rate)),
                range(runs, rate, "%.0f"),
                lethe == null ? "" : "%.2f".formatted(median(lethe, rate) / median(runs, rate)),
                "%.4f".formatted(median(runs, PeerRun::first)),
                "%.4f".formatted(median(runs, PeerRun::tenth)),
                "%.4f".formatted(median(runs, PeerRun::last)),
                "%.0f".formatted(median(runs, PeerRun::steps)),
                "%.0f".formatted(kib / 1024),
                lethe == null ? "" : "%.2f".formatted(kib / median(lethe, PeerRun::kib)));
    }

    private static void addHead(
            Table table, Setting setting, String title, List<PeerRun> runs, List<PeerRun> lethe) {
        if (runs == null) {
            table.add(setting.work(), setting.threads(), title, NOT_MEASURED, "", "", "", "", "");
            return;
        }
        ToDoubleFunction<PeerRun> milliseconds = run -> 1000 * run.seconds();
        double time = median(runs, milliseconds);
        double kib = median(runs, PeerRun::kib);
        table.add(
                setting.work(),
                setting.threads(),
                title,
                "%.0f".formatted(time),
                range(runs, milliseconds, "%.0f"),
                lethe == null ? "" : "%.2f".formatted(time / median(lethe, milliseconds)),
                "%.4f".formatted(median(runs, PeerRun::first)),
                "%.0f".formatted(kib / 1024),
                lethe == null ? "" : "%.1f".formatted(kib / median(lethe, PeerRun::kib)));
    }

    private static double median(List<PeerRun> runs, ToDoubleFunction<PeerRun> of) {
        return Medians.of(runs.stream().mapToDouble(of).toArray());
    }

    private static String range(
            List<PeerRun> runs, ToDoubleFunction<PeerRun> of, String format) {
        double[] values = runs.stream().mapToDouble(of).toArray();
        Arrays.sort(values);
        return format.formatted(values[0]) + " to " + format.formatted(values[values.length - 1]);
    }
}
