package dev.lethe.tools.doctor;

import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;

import picocli.CommandLine.Command;

/// Says what this machine has, what slows it down, and what is missing.
@Command(
        name = "doctor",
        description = "Shows devices, libraries and versions, and what is missing.")
public final class DoctorCommand extends LetheCommand {
    private static final double GIB = 1 << 30;

    @Override
    protected void run(CommonOptions options, Console console) {
        Diagnosis found = Examination.ofThisMachine();
        console.json(found);
        console.line("%-10s %s", "lethe", found.version());
        for (Diagnosis.DeviceFacts device : found.devices()) {
            console.line(
                    "%-10s %-9s  %s: %s",
                    "device",
                    device.name(),
                    device.available() ? "ready" : "missing",
                    device.description());
        }
        console.line("%-10s %s: %s", "auto", found.auto(), found.because());
        console.line(
                "%-10s %s (%s), %d to use, vectors of %d bits",
                "processor",
                found.processor().model(),
                found.processor().architecture(),
                found.processor().cores(),
                found.processor().vectorBits());
        console.line("%-10s %d (--threads)", "threads", options.threads());
        Diagnosis.Blas blas = found.blas();
        console.line(
                "%-10s %s",
                "BLAS",
                blas.library() == null
                        ? "none; matrix products run in the Vector API"
                        : "%s, kernels for %s".formatted(blas.library(), blas.core()));
        if (blas.oneDnn() != null) {
            console.line("%-10s %s (larger F32 products)", "", blas.oneDnn());
        }
        for (Diagnosis.CudaLibrary library : found.cuda().libraries()) {
            console.line("%-10s %-9s  %s", "CUDA", library.name(), text(library));
        }
        console.line(
                "%-10s %.1f GiB, %.1f free; Java heap up to %.1f",
                "memory",
                found.memory().totalBytes() / GIB,
                found.memory().freeBytes() / GIB,
                found.memory().heapBytes() / GIB);
        console.line(
                "%-10s %s, %s, %s",
                "JDK", found.jdk().version(), found.jdk().vendor(), found.jdk().home());
        found.libraries().forEach((name, version) -> console.line("%-10s %s", name, version));
        found.warnings().forEach(warning -> console.line("%-10s %s", "warning", warning));
        found.missing().forEach(thing -> console.line("%-10s %s", "missing", thing));
        if (found.warnings().isEmpty()) {
            console.line("%-10s %s", "warnings", "none");
        }
    }

    private static String text(Diagnosis.CudaLibrary library) {
        if (library.path() == null) {
            return "%s not found: %s".formatted(library.file(), library.remedy());
        }
        String version = library.version() == null ? "" : library.version() + ", ";
        String forwarder =
                library.forwarder() == null
                        ? ""
                        : ", as %s by %s".formatted(library.file(), library.forwarder());
        return version + library.path() + forwarder;
    }
}
