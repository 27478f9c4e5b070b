package dev.lethe.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// What one process measured.
///
/// @param steps that were timed
/// @param seconds median of one
/// @param first loss
/// @param tenth loss; NaN with fewer steps
/// @param last loss
/// @param kib peak resident memory of training; of a head, beyond inputs, weights and their
///     gradients
record PeerRun(int steps, double seconds, double first, double tenth, double last, long kib) {
    private static final int KEPT_LINES = 12;

    /// Runs the process to its end.
    ///
    /// @throws IllegalStateException where it fails, with its last lines
    static PeerRun of(ProcessBuilder builder) {
        Deque<String> tail = new ArrayDeque<>();
        PeerRun found = null;
        try {
            Process process = builder.redirectErrorStream(true).start();
            // An interrupted run leaves no process behind.
            Thread stop = new Thread(process::destroy);
            Runtime.getRuntime().addShutdownHook(stop);
            try (BufferedReader lines = process.inputReader()) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("peer ")) {
                        found = parse(line);
                    }
                    tail.add(line);
                    if (tail.size() > KEPT_LINES) {
                        tail.remove();
                    }
                }
            }
            int code = process.waitFor();
            Runtime.getRuntime().removeShutdownHook(stop);
            if (code != 0 || found == null) {
                throw new IllegalStateException(
                        "%s ended with %d:%n%s"
                                .formatted(
                                        String.join(" ", builder.command()),
                                        code,
                                        String.join("\n", tail)));
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a peer ran", e);
        }
    }

    static PeerRun parse(String line) {
        Map<String, String> pairs = new HashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                pairs.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        String kib = pairs.getOrDefault("peak_kib", pairs.get("beyond_kib"));
        return new PeerRun(
                Integer.parseInt(pairs.get("steps")),
                Double.parseDouble(pairs.get("seconds")),
                Double.parseDouble(pairs.get("first")),
                number(pairs.get("tenth")),
                Double.parseDouble(pairs.get("last")),
                Long.parseLong(kib));
    }

    /// Java and Python write what is no number differently.
    private static double number(String text) {
        return text.equalsIgnoreCase("nan") ? Double.NaN : Double.parseDouble(text);
    }
}
