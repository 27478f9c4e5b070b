package dev.lethe.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Resident memory of this process, as Linux counts it.
final class ProcessMemory {
    private ProcessMemory() {}

    /// Now, in KiB.
    static long residentKib() {
        return field("VmRSS:");
    }

    /// The most so far, or since [#forgetPeak], in KiB.
    static long peakKib() {
        return field("VmHWM:");
    }

    /// Begins the peak anew at what is resident now.
    static void forgetPeak() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long field(String name) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException(
                "/proc/self/status: expected %s, got none; peers need Linux".formatted(name));
    }
}
