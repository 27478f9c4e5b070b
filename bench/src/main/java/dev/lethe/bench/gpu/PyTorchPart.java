package dev.lethe.bench.gpu;

import dev.lethe.model.gemma2.Gemma2Presets;
import dev.lethe.model.gemma2.Precision;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The same training step in Lethe and in PyTorch, eager and compiled, in F32 and in BF16, one
/// after the other on one card. Both have F32 weights; both read every loss back.
final class PyTorchPart implements Part {
    private static final int ROWS = 15;
    private static final int TOKENS = 256;
    private static final double TIMES_COMPILED = 1.2;
    private static final Duration MEASURED = Duration.ofSeconds(15);
    private static final Duration EACH = Duration.ofSeconds(120);
    private static final Pattern SECONDS =
            Pattern.compile("^peer .*seconds=(\\S+) peak_kib=(\\d+)");

    @Override
    public String name() {
        return "pytorch";
    }

    @Override
    public String about() {
        return "a step of the 0.3B model in Lethe and in PyTorch, eager and compiled, F32 and BF16";
    }

    @Override
    public Optional<String> missing(Setting setting) {
        if (setting.tiny()) {
            return Optional.of("a simulated device has no speed to compare");
        }
        return Python.refuses(setting, "import torch; assert torch.cuda.is_available()")
                .map(
                        why ->
                                "no PyTorch with CUDA in python3 or LETHE_PYTHON: %s"
                                        .formatted(why));
    }

    @Override
    public void run(Setting setting, Findings findings) throws Exception {
        for (Precision precision : List.of(Precision.BF16, Precision.F32)) {
            String dtype = precision.word();
            double lethe =
                    TrainingPart.stepSeconds(
                            Gemma2Presets.PAPER_300M, precision, ROWS, TOKENS, MEASURED);
            findings.measured("Lethe " + dtype, 1e3 * lethe, "ms");
            for (String mode : List.of("eager", "compiled")) {
                String what = "PyTorch %s %s".formatted(mode, dtype);
                Child child =
                        Python.run(
                                setting,
                                "torch_peer.py",
                                "pytorch-%s-%s.log".formatted(mode, dtype),
                                EACH,
                                "gpu",
                                "0.3B",
                                String.valueOf(ROWS),
                                String.valueOf(TOKENS),
                                "10",
                                String.valueOf(MEASURED.toSeconds()),
                                mode,
                                dtype);
                Matcher line = SECONDS.matcher(child.lastLine());
                if (!child.isDone() || !line.find()) { // a peer that fails leaves the others
                    System.out.printf("%s %s%n", what, child.ending());
                    findings.measured(what + " (failed, see the log)", Double.NaN, "ms");
                    continue;
                }
                double seconds = Double.parseDouble(line.group(1));
                findings.measured(what, 1e3 * seconds, "ms");
                findings.measured(
                        what + ", memory", Double.parseDouble(line.group(2)) / 0x1p20, "GiB");
                String ratio = "Lethe's speed over " + what;
                if (mode.equals("compiled") && precision == Precision.BF16) {
                    findings.target(ratio, seconds / lethe, "", TIMES_COMPILED);
                } else {
                    findings.measured(ratio, seconds / lethe, "");
                }
            }
        }
    }
}
