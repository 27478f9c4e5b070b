package dev.lethe.bench.results;

import dev.lethe.kernels.cpu.CpuFacts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where a measurement came from.
///
/// @param date UTC, to the second
/// @param commit of the sources, with `+` where they had changed since
/// @param machine the processor's name, family and model
/// @param cores that this process may use
/// @param jdk version
/// @param blas the processor that OpenBLAS chose its kernels for, or why it is not in use
public record Provenance(
        String date, String commit, String machine, int cores, String jdk, String blas) {
    /// The first columns of every table of results.
    public static final String HEADER = "date,commit,machine,cores,jdk,blas";

    /// Of this process, now. The commit is what `-Dlethe.bench.commit` says.
    public static Provenance now() {
        CpuFacts facts = CpuFacts.ofThisMachine();
        return new Provenance(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                System.getProperty("lethe.bench.commit", "unknown"),
                processor(),
                facts.processors(),
                Runtime.version().toString(),
                facts.blasCore().orElseGet(() -> "none: " + facts.blasMissing().orElse("")));
    }

    private static String processor() {
        Path facts = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(facts)) {
            return System.getProperty("os.arch");
        }
        List<String> lines;
        try {
            lines = Files.readAllLines(facts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> first = new LinkedHashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String name = line.substring(0, colon).strip();
                first.putIfAbsent(name, line.substring(colon + 1).strip());
            }
        }
        return "%s family %s model %s"
                .formatted(
                        first.getOrDefault("model name", System.getProperty("os.arch")),
                        first.getOrDefault("cpu family", "?"),
                        first.getOrDefault("model", "?"));
    }

    /// The cells below [#HEADER].
    public String csv() {
        return String.join(
                ",",
                date,
                commit,
                plain(machine),
                String.valueOf(cores),
                plain(jdk),
                plain(blas));
    }

    /// @param cells of a line, of which the first are [#csv]'s
    static Provenance parse(String[] cells) {
        return new Provenance(
                cells[0], cells[1], cells[2], Integer.parseInt(cells[3]), cells[4], cells[5]);
    }

    /// As a cell of a table.
    static String plain(String text) {
        return text.replace(',', ' ').replace('\n', ' ');
    }

    /// Whether ceilings measured there hold here: the same machine, cores and matrix kernels.
    public boolean sameMachine(Provenance other) {
        return machine.equals(other.machine) && cores == other.cores && blas.equals(other.blas);
    }
}
