package dev.lethe.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// Where the programs are that this machine has.
///
/// @param java the executable that runs this process
/// @param libTorch class path of the profile `peers`, where it was built
/// @param python with PyTorch, where there is one
/// @param script what it runs
/// @param mklPreload a library that tells MKL that the processor is as good as its maker's, where a
///     C compiler could build it
record Places(
        String java,
        Optional<String> libTorch,
        Optional<Python> python,
        Path script,
        Optional<Path> mklPreload) {
    /// A Python with PyTorch 1 (eager only) or newer.
    record Python(String executable, String version) {
        boolean compiles() {
            return Integer.parseInt(version.substring(0, version.indexOf('.'))) >= 2;
        }
    }

    /// Looks around, and says what is not there.
    ///
    /// @param scratch a directory for the script and the library
    static Places find(Path scratch, PrintStream out) {
        String build = System.getProperty("lethe.bench.peers", "");
        Path jar = Path.of(build, "benchmarks.jar");
        Optional<String> libTorch =
                !build.isEmpty() && Files.exists(jar)
                        ? Optional.of(jar.toString())
                        : Optional.empty();
        if (libTorch.isEmpty()) {
            out.println(
                    "LibTorch: not measured; it is built by"
                            + " `mvn -Ppeers -DskipTests -pl bench -am package`");
        }
        Optional<Python> python = findPython();
        if (python.isEmpty()) {
            out.println(
                    "PyTorch: not measured; neither LETHE_PYTHON nor python3 can import torch");
        } else if (!python.get().compiles()) {
            out.println(
                    "PyTorch %s: eager only; compiled is not measured, which needs 2 or newer"
                            .formatted(python.get().version()));
        }
        Path script = scratch.resolve("torch_peer.py");
        try (InputStream resource = Places.class.getResourceAsStream("torch_peer.py")) {
            Files.copy(resource, script, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Optional<Path> preload = python.isPresent() ? mkl(scratch) : Optional.empty();
        if (python.isPresent() && preload.isEmpty()) {
            out.println(
                    "PyTorch: no `cc` to build MKL's preload with;"
                            + " on AMD its matmul may be slower");
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new Places(java, libTorch, python, script, preload);
    }

    private static Optional<Python> findPython() {
        String named = System.getenv("LETHE_PYTHON");
        String executable = named == null || named.isEmpty() ? "python3" : named;
        return output(executable, "-c", "import torch; print(torch.__version__)")
                .map(version -> new Python(executable, version));
    }

    private static Optional<Path> mkl(Path scratch) {
        Path source = scratch.resolve("mkl.c");
        Path library = scratch.resolve("mkl.so");
        try {
            Files.writeString(source, "int mkl_serv_intel_cpu_true(void) { return 1; }\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return output("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                .map(_ -> library);
    }

    /// What a command prints, where it exists and ends well.
    private static Optional<String> output(String... command) {
        Process process;
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            return Optional.empty(); // no such program, which is an answer
        }
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readAllBytes()).strip();
            return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking for " + command[0], e);
        }
    }

    /// Whether that program can run here.
    boolean has(Program program) {
        return switch (program) {
            case LETHE -> true;
            case LIBTORCH -> libTorch.isPresent();
            case EAGER -> python.isPresent();
            case COMPILED -> python.filter(Python::compiles).isPresent();
        };
    }

    /// With the version that was found.
    String title(Program program) {
        return switch (program) {
            case LETHE, LIBTORCH -> program.title();
            case EAGER, COMPILED ->
                    program.title() + python.map(found -> " " + found.version()).orElse("");
        };
    }
}
