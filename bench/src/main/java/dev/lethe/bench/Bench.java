package dev.lethe.bench;

import dev.lethe.bench.gpu.GpuCommand;
import dev.lethe.bench.peers.PeersCommand;
import dev.lethe.bench.results.Ceilings;
import dev.lethe.bench.results.Provenance;
import dev.lethe.bench.results.ResultFiles;
import dev.lethe.bench.results.Row;
import dev.lethe.bench.results.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tools/bench`: runs benchmarks by JMH, keeps their rows, prints them beside the machine's
/// ceilings.
@Command(
        name = "tools/bench",
        description = {
            "Measures, appends to bench/results and prints a table with per cent of the ceiling."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            ShowCommand.class,
            ProfileCommand.class,
            PeersCommand.class,
            StartupCommand.class,
            GpuCommand.class
        })
public final class Bench implements Callable<Integer> {
    private static final int MOST_CEILING_THREADS = 2;

    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            description = "Benchmarks by a part of their name, e.g. RmsNorm; all if none.")
    private List<String> names = List.of();

    @Option(names = "--quick", description = "One iteration of a second after one of warm-up.")
    private boolean quick;

    @Option(
            names = "-p",
            paramLabel = "NAME=VALUE[,VALUE]",
            description = "Takes a parameter's values from here, e.g. -p shape=512x128.")
    private List<String> parameters = List.of();

    /// Runs the command and exits with its code.
    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT); // files and tables have decimal points
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Bench())
                .setExecutionExceptionHandler(
                        (e, line, _) -> {
                            line.getErr().println("bench: " + e.getMessage());
                            return 1;
                        });
    }

    /// Where results lie: `-Dlethe.bench.results`, or `bench/results` of the working directory.
    public static ResultFiles files() {
        return new ResultFiles(
                Path.of(System.getProperty("lethe.bench.results", "bench/results")));
    }

    @Override
    public Integer call() throws RunnerException {
        ResultFiles files = files();
        Provenance here = Provenance.now();
        Ceilings ceilings = ceilings(files, here);
        boolean covered = true;
        for (int threads = 1; threads <= ceilingThreads(here); threads++) {
            covered &= ceilings.covers(threads);
        }
        boolean asked = names.stream().anyMatch(Bench::isRoofline);
        List<Row> rows = new ArrayList<>();
        if (!covered || asked || names.isEmpty()) {
            for (int threads = 1; threads <= ceilingThreads(here); threads++) {
                List<String> itself = List.of(Ceilings.MEASURED_BY);
                measure(
                        itself,
                        List.of(),
                        threads,
                        result -> {
                            Row row = Row.of(here, result);
                            rows.add(row);
                            files.append(List.of(row), Ceilings.of(rows, here));
                        });
            }
            ceilings = ceilings(files, here);
        }
        List<String> others =
                names.stream().filter(name -> !isRoofline(name)).toList();
        if (!others.isEmpty() || names.isEmpty()) {
            Ceilings known = ceilings;
            measure(
                    others,
                    parameters,
                    1,
                    result -> {
                        Row row = Row.of(here, result);
                        rows.add(row);
                        files.append(List.of(row), known);
                    });
        }
        Table.of(rows, ceilings).print(System.out);
        Growth.print(rows, System.out);
        return 0;
    }

    /// `MatMul.forward` is meant for `MatMulBenchmark.forward`.
    static String pattern(String name) {
        return name.replace(".", "(Benchmark)?\\.");
    }

    private static boolean isRoofline(String name) {
        return name.startsWith("Roofline");
    }

    private static int ceilingThreads(Provenance here) {
        return Math.min(MOST_CEILING_THREADS, here.cores());
    }

    static Ceilings ceilings(ResultFiles files, Provenance here) {
        return Ceilings.of(files.read(Ceilings.MEASURED_BY), here);
    }

    private void measure(
            List<String> wanted, List<String> fixed, int threads, Consumer<RunResult> each)
            throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .threads(threads)
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true);
        for (String name : wanted) {
            options.include(pattern(name));
        }
        if (!wanted.contains(Ceilings.MEASURED_BY)) {
            options.exclude(Ceilings.MEASURED_BY);
        }
        for (String pair : fixed) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "-p: expected NAME=VALUE, got %s; give both".formatted(pair));
            }
            options.param(pair.substring(0, equals), pair.substring(equals + 1).split(","));
        }
        if (quick) {
            options.warmupIterations(1)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(1)
                    .measurementTime(TimeValue.seconds(1));
        }
        try {
            new Runner(options.build(), Progress.on(System.out, each)).run();
        } catch (NoBenchmarksException e) {
            throw new IllegalArgumentException(
                    ("no benchmark has a name with %s in it; "
                            + "`java -jar bench/target/benchmarks.jar -l` lists them")
                            .formatted(String.join(" or ", wanted)),
                    e);
        }
    }
}
