package dev.lethe.bench.gpu;

import dev.lethe.bench.gpu.PartResult.Status;
import dev.lethe.kernels.cuda.CudaFacts;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The process of one part: `NAME FOLDER`, the folder being the card's.
final class PartProcess {
    private PartProcess() {}

    public static void main(String[] args) throws Exception {
        Locale.setDefault(Locale.ROOT);
        long begin = System.nanoTime();
        Part part = Parts.named(args[0]);
        PartFiles files = new PartFiles(Path.of(args[1]));
        Card card =
                GpuCommand.card(CudaFacts.ofThisMachine())
                        .orElseThrow(() -> new IllegalStateException("the GPU has gone"));
        Setting setting =
                new Setting(card, files.work(part), begin + Setting.LIMIT.toNanos());
        files.write(part, run(part, setting, begin));
        System.exit(0); // whatever threads a library has left
    }

    private static PartResult run(Part part, Setting setting, long begin) {
        Findings findings = new Findings();
        Optional<String> missing = part.missing(setting);
        if (missing.isPresent()) {
            return result(part, setting, Status.SKIPPED, begin, missing.get(), List.of());
        }
        try {
            part.run(setting, findings);
        } catch (Exception | Error e) { // whatever it is, it is this part's result
            e.printStackTrace(System.out);
            String why = "%s: %s".formatted(e.getClass().getSimpleName(), e.getMessage());
            return result(part, setting, Status.FAILED, begin, why, findings.all());
        }
        Status status = findings.failed() ? Status.FAILED : Status.PASSED;
        String note =
                setting.tiny() && !part.smaller().isEmpty()
                        ? "smaller than on a GPU: " + part.smaller()
                        : "";
        return result(part, setting, status, begin, note, findings.all());
    }

    private static PartResult result(
            Part part,
            Setting setting,
            Status status,
            long begin,
            String note,
            List<Finding> findings) {
        return new PartResult(
                part.name(),
                status,
                (System.nanoTime() - begin) * 1e-9,
                note,
                setting.card().device(),
                commit(),
                now(),
                findings);
    }

    static String commit() {
        return System.getProperty("lethe.bench.commit", "unknown");
    }

    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
