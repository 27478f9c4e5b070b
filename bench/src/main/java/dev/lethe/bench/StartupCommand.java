package dev.lethe.bench;

import dev.lethe.bench.results.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How long a person waits for the first training step.
@Command(
        name = "startup",
        description = {
            "Starts tools/lethe demo in new directories and takes the time from the start of the",
            "process to its first training step; appends to bench/results/startup.csv."
        },
        mixinStandardHelpOptions = true)
final class StartupCommand implements Callable<Integer> {
    private static final String FILE = "startup";
    private static final String HEADER =
            Provenance.HEADER + ",command,runs,median_seconds,least_seconds,most_seconds";
    private static final List<String> DEMO = List.of("demo");

    @Option(names = "--runs", description = "Starts that are timed (9).")
    private int runs = 9;

    /// As `tools/bench` says it.
    private final Path launcher =
            Path.of(System.getProperty("lethe.bench.launcher", "tools/lethe")).toAbsolutePath();

    @Override
    public Integer call() {
        if (runs < 1) {
            throw new IllegalArgumentException(
                    "--runs: expected at least 1, got %d; leave it out for 9".formatted(runs));
        }
        FirstStep firstStep = new FirstStep(launcher, DEMO);
        firstStep.seconds(); // builds and archives where there is something to
        double[] seconds = new double[runs];
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            seconds[i] = firstStep.seconds();
            shown.add("%.2f".formatted(seconds[i]));
        }
        report(seconds, shown);
        return 0;
    }

    private void report(double[] seconds, List<String> shown) {
        double median = new Median().evaluate(seconds);
        double least = Arrays.stream(seconds).min().orElseThrow();
        double most = Arrays.stream(seconds).max().orElseThrow();
        String line =
                "%s,%s,%d,%.4f,%.4f,%.4f"
                        .formatted(
                                Provenance.now().csv(),
                                String.join(" ", DEMO),
                                runs,
                                median,
                                least,
                                most);
        Bench.files().appendLine(FILE, HEADER, line);
        System.out.printf("tools/lethe %s, each start: %s s%n", DEMO.getFirst(), shown);
        System.out.printf(
                "first training step after %.2f s, the median of %d starts (%.2f to %.2f)%n",
                median, runs, least, most);
    }
}
