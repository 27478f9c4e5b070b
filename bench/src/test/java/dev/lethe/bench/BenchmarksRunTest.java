package dev.lethe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Every benchmark checks its result and runs once, on little. Nothing here is timed.
class BenchmarksRunTest {
    /// Parameters by benchmark class; what is not named runs at its first value.
    private static final Map<String, Map<String, String>> TINY =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("RooflineBenchmark", Map.of("kib", "96")),
                            Map.entry("MatMulBenchmark", Map.of("shape", "17x9x5", "form", "TN")),
                            Map.entry("RmsNormBenchmark", Map.of("shape", "7x19")),
                            Map.entry("RopeBenchmark", Map.of("shape", "3x5x2x6")),
                            Map.entry(
                                    "AttentionBenchmark",
                                    Map.of("heads", "3x1x6", "tokens", "64", "window", "quarter")),
                            Map.entry("GegluBenchmark", Map.of("shape", "7x19")),
                            Map.entry("SoftmaxBenchmark", Map.of("shape", "7x19")),
                            Map.entry("GatherBenchmark", Map.of("shape", "7x19x5")),
                            Map.entry(
                                    "LinearLossBenchmark",
                                    Map.of("loss", "kl", "shape", "7x19", "vocabulary", "256")),
                            Map.entry("AdamWBenchmark", Map.of("count", "1021")),
                            Map.entry("PhiloxBenchmark", Map.of("count", "1021", "law", "normal")),
                            Map.entry("PerturbationBenchmark", Map.of("shape", "37x129")),
                            Map.entry("AutogradBenchmark", Map.of()),
                            Map.entry(
                                    "TrainStepBenchmark",
                                    Map.of("configuration", "XS", "task", "rmu")),
                            Map.entry("StepPartsBenchmark", Map.of("configuration", "XS")),
                            Map.entry(
                                    "HvpBenchmark", Map.of("configuration", "XS", "dtype", "F32")),
                            Map.entry(
                                    "GenerateBenchmark",
                                    Map.of("configuration", "XS", "batch", "1")),
                            Map.entry("CheckpointBenchmark", Map.of("configuration", "XS")),
                            Map.entry("TokenizeBenchmark", Map.of("tokenizer", "bytes")),
                            Map.entry("PackingBenchmark", Map.of("inputs", "64")),
                            Map.entry("GrowthBenchmark", Map.of("point", "head tokens 64"))));

    static Collection<String> benchmarks() {
        return TINY.keySet();
    }

    @BeforeAll
    static void allowOtherRuns() {
        System.setProperty("jmh.ignoreLock", "true"); // two builds may test at once
    }

    @Test
    void everyBenchmarkClassIsNamed() throws IOException {
        Set<String> found = new TreeSet<>();
        try (InputStream list = getClass().getResourceAsStream("/META-INF/BenchmarkList")) {
            String text = new String(list.readAllBytes(), StandardCharsets.UTF_8);
            for (String word : text.split("\\s+")) {
                if (word.startsWith("dev.lethe.bench.") && !word.contains("jmh_generated")) {
                    found.add(word.substring(word.lastIndexOf('.') + 1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertEquals(TINY.keySet(), found);
    }

    @ParameterizedTest
    @MethodSource("benchmarks")
    void runsOnceOnLittle(String benchmark) throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include("\\." + benchmark + "\\.")
                        .mode(Mode.SingleShotTime)
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.NONE)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT);
        TINY.get(benchmark).forEach((name, value) -> options.param(name, value));
        List<RunResult> results = new ArrayList<>(new Runner(options.build()).run());
        assertFalse(results.isEmpty());
        for (RunResult result : results) {
            assertEquals(1, result.getPrimaryResult().getSampleCount());
        }
    }
}
