package dev.lethe.bench.peers;

import java.util.Locale;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/// The process that does Lethe's work in LibTorch, eager, F32: `train CONFIGURATION THREADS WARM
/// SECONDS` or `head ce|kl ROWS WIDTH VOCABULARY THREADS SECONDS`.
public final class LibTorchPeer {
    private LibTorchPeer() {}

    /// Runs one of the two and prints one line.
    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT);
        switch (args[0]) {
            case "train" -> {
                threads(Integer.parseInt(args[2]));
                LibTorchTraining training = new LibTorchTraining(args[1]);
                Timing m =
                        Timing.of(
                                Double.parseDouble(args[3]),
                                Double.parseDouble(args[4]),
                                training::step);
                System.out.printf("peer %s peak_kib=%d%n", m, ProcessMemory.peakKib());
            }
            case "head" -> {
                threads(Integer.parseInt(args[5]));
                int rows = Integer.parseInt(args[2]);
                int width = Integer.parseInt(args[3]);
                boolean kl = args[1].equals("kl");
                Timing.of(3, 0, new LibTorchHead(kl, rows, width, 2048)::once);
                LibTorchHead head = new LibTorchHead(kl, rows, width, Integer.parseInt(args[4]));
                long base = ProcessMemory.residentKib();
                ProcessMemory.forgetPeak();
                Timing m = Timing.of(0, Double.parseDouble(args[6]), head::once);
                long beyond = ProcessMemory.peakKib() - base - (head.gradientBytes() >> 10);
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
}
