package dev.lethe.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// `summary.json`.
///
/// @param seconds wall time
/// @param peakResidentBytes of this process; null where the system does not tell
public record Summary(
        String experiment,
        List<Long> seeds,
        String device,
        String dtype,
        int threads,
        double seconds,
        Long peakResidentBytes,
        List<Model> models,
        List<Claim> claims) {
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .build();
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    /// What the training of a model took.
    ///
    /// @param stopped `steps` or `rule`
    public record Model(
            String name,
            long seed,
            long steps,
            long tokens,
            double flops,
            double teacherFlops,
            String stopped) {
        static Model of(long seed, ModelRun run) {
            return new Model(
                    run.name(),
                    seed,
                    run.compute().steps(),
                    run.compute().tokens(),
                    run.compute().flops(),
                    run.compute().teacherFlops(),
                    run.ended() == Trainer.Ended.STEPS ? "steps" : "rule");
        }
    }

    /// Models of all seeds in order.
    public static List<Model> models(List<SeedRun> seeds) {
        return seeds.stream()
                .flatMap(seed -> seed.models().stream().map(run -> Model.of(seed.seed(), run)))
                .toList();
    }

    /// Largest resident size of this process so far, from Linux; else null.
    public static Long peakResident() {
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

    /// As one JSON object.
    public JsonNode json() {
        return JSON.valueToTree(this);
    }
}
