package dev.lethe.kernels.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;

/// Finds and loads NVIDIA's libraries, once a process, before the first class of JCuda.
///
/// Each is looked for in `LETHE_CUDA_LIBRARIES`, then `LD_LIBRARY_PATH`, then the usual folders,
/// and loaded by its absolute path: the JNI libraries then find it by name, whatever path the
/// process was started with. Where there is only a newer library than JCuda knows, of CUDA 13 or
/// cuDNN 9, a forwarding library in one of the same folders gives it the name that JCuda asks for.
public final class CudaLibraries {
    /// Names the folders that are searched first, separated by colons.
    public static final String VARIABLE = "LETHE_CUDA_LIBRARIES";

    private static final String CPP_RUNTIME = "libstdc++.so.6";
    private static final String COMPILER_RUNTIME = "libgcc_s.so.1";

    private static final List<String> USUAL_FOLDERS =
            List.of(
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib64",
                    "/usr/lib64/nvidia",
                    "/usr/local/nvidia/lib64",
                    "/usr/local/cuda/lib64",
                    "/usr/local/cuda-12/lib64",
                    "/usr/local/cuda-13/lib64",
                    "/usr/local/cuda/targets/x86_64-linux/lib",
                    "/usr/lib/wsl/lib",
                    "/run/opengl-driver/lib");

    private CudaLibraries() {}

    /// Where a library was found, if it was.
    ///
    /// @param file the name that is wanted
    /// @param path of the library, which is a newer one where there is a forwarder
    /// @param forwarder what gives a newer library the name that is wanted
    /// @param remedy what to do when it was not found
    public record Found(
            String name,
            String file,
            Optional<Path> path,
            Optional<Path> forwarder,
            String remedy) {}

    /// What this machine has, without loading anything.
    public static List<Found> search() {
        return search(System.getenv());
    }

    static List<Found> search(Map<String, String> environment) {
        List<Path> folders = folders(environment);
        return CudaLibrary.ALL.stream().map(library -> library.in(folders)).toList();
    }

    /// The missing libraries in one line with the remedy; empty when all were found.
    static Optional<String> missing(List<Found> found) {
        List<String> lines =
                found.stream()
                        .filter(one -> one.path.isEmpty())
                        .map(
                                one ->
                                        "%s (%s) was not found: %s"
                                                .formatted(one.name, one.file, one.remedy))
                        .toList();
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join("; ", lines));
    }

    /// Whether [CudaBackend] has its libraries here: the cheap question before opening it.
    public static boolean arePresent() {
        return missing(search()).isEmpty();
    }

    private static List<Path> folders(Map<String, String> environment) {
        List<Path> folders = new ArrayList<>();
        for (String variable : List.of(VARIABLE, "LD_LIBRARY_PATH")) {
            for (String folder : environment.getOrDefault(variable, "").split(":")) {
                if (!folder.isBlank()) {
                    folders.add(Path.of(folder).toAbsolutePath());
                }
            }
        }
        USUAL_FOLDERS.forEach(folder -> folders.add(Path.of(folder)));
        return folders;
    }

    /// Once a process.
    private static final class Loaded {
        static final Optional<String> PROBLEM = attempt();

        private static Optional<String> attempt() {
            List<Found> found = search();
            Optional<String> missing = missing(found);
            if (missing.isPresent()) {
                return missing;
            }
            try {
                loadCppRuntime();
                for (int i = 0; i < found.size(); i++) {
                    loadFound(CudaLibrary.ALL.get(i), found.get(i));
                }
                JcudaNatives.load(userCache(System.getenv()));
            } catch (IOException | UnsatisfiedLinkError e) {
                return Optional.of("a CUDA library cannot be loaded: " + e.getMessage());
            }
            return Optional.empty();
        }
    }

    private static void loadFound(CudaLibrary library, Found found) throws IOException {
        Path path = found.path.orElseThrow();
        List<String> parts =
                found.forwarder.isPresent()
                        ? library.newer().orElseThrow().parts()
                        : library.parts();
        for (String part : parts) {
            for (Path beside : beside(path, part)) {
                loadLibrary(beside);
            }
        }
        loadLibrary(path);
        if (found.forwarder.isPresent()) {
            loadLibrary(found.forwarder.get().toAbsolutePath());
        }
    }

    /// JCuda's libraries are C++. Where the machine has no runtime for that, a named folder may.
    @SuppressWarnings("restricted") // loads what its name says
    private static void loadCppRuntime() {
        try {
            SymbolLookup.libraryLookup(CPP_RUNTIME, Arena.global());
        } catch (IllegalArgumentException _) {
            folders(System.getenv()).stream()
                    .filter(folder -> Files.exists(folder.resolve(CPP_RUNTIME)))
                    .findFirst()
                    .ifPresent(
                            folder -> {
                                Path support = folder.resolve(COMPILER_RUNTIME);
                                if (Files.exists(support)) {
                                    loadLibrary(support);
                                }
                                loadLibrary(folder.resolve(CPP_RUNTIME));
                            });
        }
    }

    /// Loads all, or fails with one line that says what is missing and what to do.
    static void load() {
        if (Loaded.PROBLEM.isPresent()) {
            throw new CudaException(Loaded.PROBLEM.get());
        }
        tooOldDriver(driver(), search())
                .ifPresent(
                        line -> {
                            throw new CudaException(line);
                        });
    }

    static Optional<String> tooOldDriver(int version, List<Found> found) {
        int needed = CudaLibrary.OLDEST_DRIVER;
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i).forwarder.isPresent()) {
                CudaLibrary library = CudaLibrary.ALL.get(i);
                needed = Math.max(needed, library.newer().orElseThrow().oldestDriver());
            }
        }
        return version >= needed
                ? Optional.empty()
                : Optional.of(
                        "the driver supports CUDA up to %s, needed is %s; update the driver"
                                .formatted(dotted(version), dotted(needed)));
    }

    @SuppressWarnings("restricted") // the purpose of this class
    private static void loadLibrary(Path path) {
        System.load(path.toString());
    }

    private static List<Path> beside(Path library, String beginning) throws IOException {
        // The folder that the library is really in: its parts lie there.
        try (Stream<Path> files = Files.list(library.toRealPath().getParent())) {
            return files.filter(file -> file.getFileName().toString().startsWith(beginning))
                    .sorted()
                    .limit(1)
                    .toList();
        }
    }

    /// Folder of what Lethe keeps for this user between runs.
    static Path userCache(Map<String, String> environment) {
        String cache = environment.get("XDG_CACHE_HOME");
        return cache == null || cache.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "lethe")
                : Path.of(cache, "lethe");
    }

    private static int driver() {
        int[] version = new int[1];
        JCudaDriver.cuDriverGetVersion(version);
        return version[0];
    }

    static String driverVersion() {
        return dotted(driver());
    }

    static String cudnnVersion() {
        return cudnnVersion(JCudnn.cudnnGetVersion());
    }

    /// From 9 on there are two digits for the second number.
    static String cudnnVersion(long version) {
        return version >= 90000
                ? "%d.%d.%d".formatted(version / 10000, version / 100 % 100, version % 100)
                : "%d.%d.%d".formatted(version / 1000, version / 100 % 10, version % 100);
    }

    private static String dotted(int version) {
        return version / 1000 + "." + version / 10 % 100;
    }
}
