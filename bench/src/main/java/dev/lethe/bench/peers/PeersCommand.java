package dev.lethe.bench.peers;

import dev.lethe.bench.Bench;
import dev.lethe.bench.model.CausalFlops;
import dev.lethe.bench.model.Configuration;
import dev.lethe.bench.peers.Program.HeadSize;
import dev.lethe.bench.peers.Program.Setting;
import dev.lethe.bench.results.Provenance;
import dev.lethe.bench.results.ResultFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Lethe beside PyTorch: the programs take turns, each run in a process of its own.
@Command(
        name = "peers",
        description = {
            "Trains XS, S and M and runs the CE and KL heads in Lethe, LibTorch and PyTorch",
            "where there is one; prints medians, ranges, ratios and appends to",
            "bench/results/peers.csv."
        },
        mixinStandardHelpOptions = true)
public final class PeersCommand implements Callable<Integer> {
    private static final HeadSize HEAD = new HeadSize(2048, 320, 256_000);
    private static final String FILE = "peers";
    private static final String HEADER =
            Provenance.HEADER
                    + ",work,threads,program,run,steps,seconds,"
                    + "tokens_per_second,gflops_per_second,first_loss,tenth_loss,last_loss,"
                    + "peak_kib,beyond_kib";

    @Option(names = "--runs", description = "Turns of each program (5).")
    private int runs = 5;

    @Option(names = "--seconds", description = "Measured in each run (10).")
    private double seconds = 10;

    @Option(names = "--warm", description = "Seconds of each run before that, not counted (10).")
    private double warm = 10;

    @Option(names = "--threads", split = ",", description = "1,2 if not given.")
    private List<Integer> threads = List.of(1, 2);

    @Option(
            names = "--work",
            split = ",",
            description = "Of XS, S, M, ce, kl; all if not given.")
    private List<String> work = List.of("XS", "S", "M", "ce", "kl");

    @Option(
            names = "--programs",
            split = ",",
            description = "Of ${COMPLETION-CANDIDATES}; all if not given.")
    private List<Program> programs = List.of(Program.values());

    private final ResultFiles files = Bench.files();

    @Override
    public Integer call() {
        Provenance here = Provenance.now();
        Path scratch = scratch();
        try {
            Places places = Places.find(scratch, System.out);
            Map<Setting, Map<Program, List<PeerRun>>> all = new LinkedHashMap<>();
            for (int run = 1; run <= runs; run++) {
                for (String name : work) {
                    for (int count : threads) {
                        Setting setting = new Setting(name, count);
                        turn(places, setting, run, here, all);
                    }
                }
            }
            PeerTables.print(all, places, System.out);
        } finally {
            delete(scratch);
        }
        return 0;
    }

    private void turn(
            Places places,
            Setting setting,
            int run,
            Provenance here,
            Map<Setting, Map<Program, List<PeerRun>>> all) {
        var found = all.computeIfAbsent(setting, _ -> new EnumMap<>(Program.class));
        for (Program program : programs) {
            if (!places.has(program)) {
                continue;
            }
            ProcessBuilder process =
                    isHead(setting)
                            ? program.head(places, setting, HEAD, seconds)
                            : program.training(places, setting, warm, seconds);
            PeerRun measured;
            try {
                measured = PeerRun.of(process);
            } catch (IllegalStateException e) {
                if (program == Program.LETHE) {
                    throw e;
                }
                // A peer that runs out of memory is a result; the others go on.
                System.out.printf(
                        "run %d, %s, %d threads, %s: failed: %s%n",
                        run,
                        setting.work(),
                        setting.threads(),
                        places.title(program),
                        e.getMessage());
                continue;
            }
            found.computeIfAbsent(program, _ -> new ArrayList<>()).add(measured);
            String line = line(here, setting, places.title(program), run, measured);
            files.appendLine(FILE, HEADER, line);
            System.out.printf(
                    "run %d, %s, %d threads, %s: %s%n",
                    run, setting.work(), setting.threads(), places.title(program), measured);
        }
    }

    static boolean isHead(Setting setting) {
        return setting.work().equals("ce") || setting.work().equals("kl");
    }

    private static String line(
            Provenance here, Setting setting, String program, int run, PeerRun found) {
        double tokens = HEAD.rows();
        double flops = headFlops(setting);
        if (!isHead(setting)) {
            Configuration size = Configuration.valueOf(setting.work());
            tokens = (double) size.rows() * size.tokens();
            flops = size.rows() * CausalFlops.training(size.config(), size.tokens());
        }
        return String.join(
                ",",
                List.of(
                        here.csv(),
                        setting.work(),
                        String.valueOf(setting.threads()),
                        program,
                        String.valueOf(run),
                        String.valueOf(found.steps()),
                        "%.6g".formatted(found.seconds()),
                        "%.6g".formatted(tokens / found.seconds()),
                        "%.6g".formatted(flops / found.seconds() * 1e-9),
                        "%.4f".formatted(found.first()),
                        "%.4f".formatted(found.tenth()),
                        "%.4f".formatted(found.last()),
                        isHead(setting) ? "" : String.valueOf(found.kib()),
                        isHead(setting) ? String.valueOf(found.kib()) : ""));
    }

    /// Products of logits and of both gradients; KL has the teacher's logits besides.
    static double headFlops(Setting setting) {
        double product = 2.0 * HEAD.rows() * HEAD.width() * HEAD.vocabulary();
        return (setting.work().equals("kl") ? 4 : 3) * product;
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("lethe-peers-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path scratch) {
        try (var inside = Files.list(scratch)) {
            for (Path file : inside.toList()) {
                Files.delete(file);
            }
            Files.delete(scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
