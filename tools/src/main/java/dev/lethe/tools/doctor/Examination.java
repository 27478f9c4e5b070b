package dev.lethe.tools.doctor;

import com.fasterxml.jackson.databind.cfg.PackageVersion;
import com.sun.management.OperatingSystemMXBean;

import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.kernels.cpu.CpuBackend;
import dev.lethe.kernels.cpu.CpuFacts;
import dev.lethe.kernels.cuda.CudaFacts;
import dev.lethe.tools.command.Version;

import picocli.CommandLine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Looks at the machine, the libraries and the environment.
final class Examination {
    private Examination() {}

    static Diagnosis ofThisMachine() {
        CpuFacts facts = CpuFacts.ofThisMachine();
        List<String> missing = new ArrayList<>();
        facts.blasMissing().ifPresent(why -> missing.add("OpenBLAS: " + why));
        facts.oneDnnMissing().ifPresent(why -> missing.add("oneDNN: " + why));
        CudaFacts cuda = CudaFacts.ofThisMachine();
        cuda.missing().ifPresent(why -> missing.add("CUDA: " + why));
        boolean gpu = cuda.device().isPresent() && !cuda.simulated();
        return new Diagnosis(
                Version.text(),
                gpu ? "cuda" : "cpu",
                because(cuda),
                devices(cuda),
                new Diagnosis.Processor(
                        processorModel(),
                        System.getProperty("os.arch"),
                        facts.processors(),
                        facts.vectorBits()),
                new Diagnosis.Blas(
                        facts.blas().orElse(null),
                        facts.blasCore().orElse(null),
                        facts.blasMissing().orElse(null),
                        facts.oneDnn().orElse(null),
                        facts.oneDnnMissing().orElse(null)),
                cuda(cuda),
                memory(),
                new Diagnosis.Jdk(
                        Runtime.version().toString(),
                        System.getProperty("java.vendor"),
                        System.getProperty("java.home")),
                libraries(),
                warnings(),
                missing);
    }

    private static String because(CudaFacts cuda) {
        if (cuda.device().isEmpty()) {
            return "there is no NVIDIA GPU with its libraries";
        }
        return cuda.simulated() ? "the CUDA device is only simulated" : "a GPU is fastest";
    }

    private static List<Diagnosis.DeviceFacts> devices(CudaFacts cuda) {
        try (CpuBackend cpu = new CpuBackend();
                ReferenceBackend reference = new ReferenceBackend()) {
            return List.of(
                    new Diagnosis.DeviceFacts(cpu.name(), true, cpu.description()),
                    new Diagnosis.DeviceFacts(
                            "cuda",
                            cuda.device().isPresent(),
                            cuda.device().or(cuda::missing).orElseThrow()),
                    new Diagnosis.DeviceFacts(reference.name(), true, reference.description()));
        }
    }

    private static Diagnosis.Cuda cuda(CudaFacts facts) {
        return new Diagnosis.Cuda(
                facts.device().orElse(null),
                facts.missing().orElse(null),
                facts.libraries().stream()
                        .map(
                                one ->
                                        new Diagnosis.CudaLibrary(
                                                one.name(),
                                                one.file(),
                                                one.path().orElse(null),
                                                one.forwarder().orElse(null),
                                                one.version().orElse(null),
                                                one.path().isPresent() ? null : one.remedy()))
                        .toList());
    }

    private static List<String> warnings() {
        try (CpuBackend cpu = new CpuBackend()) {
            return cpu.warnings();
        }
    }

    private static Diagnosis.Memory memory() {
        OperatingSystemMXBean system =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Diagnosis.Memory(
                system.getTotalMemorySize(),
                system.getFreeMemorySize(),
                Runtime.getRuntime().maxMemory());
    }

    private static Map<String, String> libraries() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("jackson", PackageVersion.VERSION.toString());
        versions.put("picocli", CommandLine.VERSION);
        return versions;
    }

    /// Linux tells the model; elsewhere it is not known.
    private static String processorModel() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException _) {
            return "unknown";
        }
    }
}
