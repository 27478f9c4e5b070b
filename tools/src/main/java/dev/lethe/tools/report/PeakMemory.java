package dev.lethe.tools.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Largest resident size of this process so far.
public final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    private PeakMemory() {}

    /// From Linux; elsewhere null.
    public static Long bytes() {
        if (!Files.isReadable(STATUS)) {
            return null;
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(PEAK))
                    .map(line -> line.replaceAll("[^0-9]", ""))
                    .map(kibibytes -> Long.parseLong(kibibytes) * 1024)
                    .findFirst()
                    .orElse(null);
        } catch (IOException _) {
            return null; // not worth a failed run
        }
    }
}
