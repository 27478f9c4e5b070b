package dev.lethe.bench.gpu;

import dev.lethe.bench.gpu.GoldenCommand.Loss;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// NVIDIA's compute-sanitizer over `lethe gradients`: accesses outside memory, races in shared
/// memory, barriers.
final class SanitizerPart implements Part {
    private static final String TOOL = "compute-sanitizer";
    private static final int FOUND_ERRORS = 86;
    private static final Duration EACH = Duration.ofSeconds(150);

    @Override
    public String name() {
        return "sanitizer";
    }

    @Override
    public String about() {
        return "compute-sanitizer's memcheck, racecheck and synccheck over gradients";
    }

    private static Optional<Path> tool() {
        return Child.find(
                TOOL,
                "/usr/local/cuda/bin/" + TOOL,
                "/usr/local/cuda/compute-sanitizer/" + TOOL,
                "/opt/cuda/bin/" + TOOL);
    }

    @Override
    public Optional<String> missing(Setting setting) {
        if (setting.tiny()) {
            return Optional.of("the simulated device has checks of its own");
        }
        return tool().isPresent()
                ? GoldenCommand.missing()
                : Optional.of("there is no %s; install the CUDA toolkit".formatted(TOOL));
    }

    @Override
    public void run(Setting setting, Findings findings) throws Exception {
        for (String check : List.of("memcheck", "racecheck", "synccheck")) {
            for (String dtype : List.of("f32", "bf16")) {
                Path log = setting.folder().resolve("%s-%s.log".formatted(check, dtype));
                Child child =
                        Child.run(
                                new ProcessBuilder(command(setting, check, dtype)),
                                log,
                                setting.atMost(EACH));
                // The command's own status comes through where the tool found nothing.
                findings.require(
                        check + " over ce in " + dtype,
                        child.status(),
                        "status",
                        "0 (%d: errors were found), see %s".formatted(FOUND_ERRORS, log),
                        child.isDone());
            }
        }
    }

    private static List<String> command(Setting setting, String check, String dtype) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                tool().orElseThrow().toString(),
                                "--tool",
                                check,
                                "--error-exitcode",
                                String.valueOf(FOUND_ERRORS)));
        Path out = setting.folder().resolve("sanitized.safetensors");
        command.addAll(
                Child.java(
                        System.getProperty("java.class.path"),
                        "dev.lethe.tools.Lethe",
                        GoldenCommand.arguments("A_tiny", Loss.CE, dtype, false, out)
                                .toArray(String[]::new)));
        return command;
    }
}
