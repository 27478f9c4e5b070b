package dev.lethe.bench.gpu;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// The JMH benchmarks of kernels with `device=cuda`, in F32. Each checks its result against the
/// reference backend first; each operation waits for the device, so launches count.
final class BenchmarksPart implements Part {
    /// Class, and the parameters that it runs with.
    private static final Map<String, Map<String, String>> SIZES =
            new TreeMap<>(
                    Map.of(
                            "MatMul", Map.of("shape", "512x1280x320", "form", "NT"),
                            "RmsNorm", Map.of("shape", "512x320"),
                            "Geglu", Map.of("shape", "512x1280"),
                            "Softmax", Map.of("shape", "512x320"),
                            "Attention",
                                    Map.of("heads", "8x4x64", "tokens", "1024", "window", "full"),
                            "LinearLoss", Map.of("shape", "512x320", "vocabulary", "256000"),
                            "AdamW", Map.of("count", "10491200"),
                            "Philox", Map.of("count", "1000003", "law", "normal")));

    private static final Map<String, Map<String, String>> TINY =
            new TreeMap<>(
                    Map.of(
                            "MatMul", Map.of("shape", "17x9x5", "form", "TN"),
                            "Softmax", Map.of("shape", "7x19"),
                            "Philox", Map.of("count", "1021", "law", "normal")));

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String about() {
        return "JMH benchmarks of the kernel families with device=cuda";
    }

    @Override
    public String smaller() {
        return "matmul, softmax and philox on a few numbers";
    }

    @Override
    public void run(Setting setting, Findings findings) throws Exception {
        for (var size : (setting.tiny() ? TINY : SIZES).entrySet()) {
            if (setting.left().toSeconds() < 60) {
                throw new IllegalStateException(
                        "no time was left for %s and what follows".formatted(size.getKey()));
            }
            for (RunResult result : measure(setting, size.getKey(), size.getValue())) {
                report(findings, result);
            }
        }
    }

    private static Collection<RunResult> measure(
            Setting setting, String name, Map<String, String> parameters) throws Exception {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include("\\." + name + "Benchmark\\.")
                        .param("device", "cuda")
                        .forks(1)
                        .warmupIterations(1)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(setting.tiny() ? 1 : 3)
                        .measurementTime(TimeValue.seconds(1))
                        .shouldFailOnError(true);
        parameters.forEach((key, value) -> options.param(key, value));
        return new Runner(options.build()).run();
    }

    @SuppressWarnings("rawtypes") // as JMH declares them
    private static void report(Findings findings, RunResult result) {
        var run = result.getParams();
        String name = run.getBenchmark();
        String method = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
        Map<String, String> parameters = new TreeMap<>();
        run.getParamsKeys().forEach(key -> parameters.put(key, run.getParam(key)));
        parameters.remove("device");
        String what = method.replace("Benchmark", "") + " " + parameters.values();
        double rate = result.getPrimaryResult().getScore();
        findings.require(what, 1e6 / rate, "us", "a time", rate > 0 && Double.isFinite(rate));
        Map<String, Result> others = result.getSecondaryResults();
        for (String counter : List.of("flops", "bytes")) {
            Result found = others.get(counter);
            if (found != null && found.getScore() > 0) {
                String unit = counter.equals("flops") ? "GFLOP/s" : "GB/s";
                findings.measured(what + ": " + counter, found.getScore() * 1e-9, unit);
            }
        }
    }
}
