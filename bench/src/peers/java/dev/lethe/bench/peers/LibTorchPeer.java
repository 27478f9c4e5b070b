package dev.lethe.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/// The process that does Lethe's work in LibTorch, eager, F32:
/// `train CONFIGURATION THREADS WARM SECONDS` or `head ce|kl ROWS WIDTH VOCABULARY THREADS SECONDS`.
public final class LibTorchPeer {
    private LibTorchPeer() {}

    /// Runs one of the two and prints one line.
    public static void main(String[] args) throws IOException {
        Locale.setDefault(Locale.ROOT);
        switch (args[0]) {
            case "train" -> {
                threads(Integer.parseInt(args[2]));
                LibTorchTraining training = new LibTorchTraining(args[1]);
                Measured m =
                        Measured.of(
                                Double.parseDouble(args[3]),
                                Double.parseDouble(args[4]),
                                training::step);
                System.out.printf("peer %s peak_kib=%d%n", m, kib("VmHWM:"));
            }
            case "head" -> {
                threads(Integer.parseInt(args[5]));
                int rows = Integer.parseInt(args[2]);
                int width = Integer.parseInt(args[3]);
                boolean kl = args[1].equals("kl");
                Measured.of(3, 0, new LibTorchHead(kl, rows, width, 2048)::once);
                LibTorchHead head = new LibTorchHead(kl, rows, width, Integer.parseInt(args[4]));
                long base = kib("VmRSS:");
                Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // begins the peak anew
                Measured m = Measured.of(0, Double.parseDouble(args[6]), head::once);
                long beyond = kib("VmHWM:") - base - (head.gradientBytes() >> 10);
                System.out.printf("peer %s beyond_kib=%d%n", m, beyond);
            }
            default -> throw new IllegalArgumentException("expected train or head, got " + args[0]);
        }
    }

    private static void threads(int count) {
        torch.set_num_threads(count);
        openblas.blas_set_num_threads(count);
        torch.manual_seed(1);
    }

    private static long kib(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IllegalStateException("/proc/self/status has no " + field);
    }

    /// As Lethe's own process measures.
    private record Measured(int repeats, double seconds, double first, double last) {
        static Measured of(double warm, double measured, DoubleSupplier once) {
            double first = once.getAsDouble();
            double last = first;
            for (long end = after(warm); System.nanoTime() < end; ) {
                last = once.getAsDouble();
            }
            double[] times = new double[16];
            int count = 0;
            for (long end = after(measured); count < 3 || System.nanoTime() < end; ) {
                long begin = System.nanoTime();
                last = once.getAsDouble();
                times = count == times.length ? Arrays.copyOf(times, 2 * count) : times;
                times[count++] = (System.nanoTime() - begin) * 1e-9;
            }
            double[] sorted = Arrays.copyOf(times, count);
            Arrays.sort(sorted);
            return new Measured(count, sorted[count / 2], first, last);
        }

        private static long after(double seconds) {
            return System.nanoTime() + (long) (seconds * 1e9);
        }

        @Override
        public String toString() {
            return "steps=%d first=%.4f last=%.4f seconds=%.6f"
                    .formatted(repeats, first, last, seconds);
        }
    }
}
