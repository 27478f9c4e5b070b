package dev.lethe.bench.gpu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The tests of the CUDA column, contracts of every family among them, on this device.
///
/// The tests and JUnit lie in a folder of their own, which `-Dlethe.bench.contracts` names.
final class ContractsPart implements Part {
    private static final String MAIN = "dev.lethe.kernels.cuda.CudaContractRun";
    private static final String ALL =
            ".*\\.(Cuda(?!Libraries)\\w+|DeviceBlocks|KernelLauncher|PtxCache|TensorCore"
                    + "|GraphCapture|FusedCapture|LogitChunks)Test";
    private static final String FEW = ".*\\.Cuda(MatMul|Reduce|Softmax|Random)Test";
    private static final Pattern COUNTS = Pattern.compile("(\\d+) passed, (\\d+) failed.*");

    @Override
    public String name() {
        return "contracts";
    }

    @Override
    public String about() {
        return "the contract of every kernel family, in F32, F64 and BF16";
    }

    @Override
    public String smaller() {
        return "matmul, reduce, softmax and random alone; `mvn verify` runs them all simulated";
    }

    private static Path folder() {
        return Path.of(System.getProperty("lethe.bench.contracts", "bench/target/contracts"));
    }

    @Override
    public Optional<String> missing(Setting setting) {
        return Files.isDirectory(folder())
                ? Optional.empty()
                : Optional.of("the tests are not at %s; build with Maven".formatted(folder()));
    }

    @Override
    public void run(Setting setting, Findings findings) throws Exception {
        String classPath =
                folder().resolve("*") + ":" + System.getProperty("java.class.path");
        ProcessBuilder builder =
                new ProcessBuilder(Child.java(classPath, MAIN, setting.tiny() ? FEW : ALL));
        builder.environment().put("LETHE_REQUIRE", setting.tiny() ? "simulated" : "gpu");
        Child child =
                Child.run(
                        builder,
                        setting.folder().resolve("contracts-tests.log"),
                        setting.atMost(Setting.LIMIT));
        Matcher counts =
                child.lines().stream()
                        .map(COUNTS::matcher)
                        .filter(Matcher::matches)
                        .reduce((_, last) -> last)
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "the tests gave no count; see " + child.log()));
        int passed = Integer.parseInt(counts.group(1));
        int failed = Integer.parseInt(counts.group(2));
        findings.require("tests passed", passed, "", "more than 0", passed > 0);
        findings.require("tests failed", failed, "", "0, see " + child.log(), failed == 0);
    }
}
