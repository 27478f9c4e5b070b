package dev.lethe.kernels.cuda;

import java.io.IOException;
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
/// process was started with.
public final class CudaLibraries {
    /// Names of the folder that is searched first.
    public static final String VARIABLE = "LETHE_CUDA_LIBRARIES";

    private static final int OLDEST_DRIVER = 12000; // 12.0, which cuBLAS 12 needs
    private static final String NVIDIA_LIBRARIES =
            "build with mvn -Pcuda-libraries and set %s to kernels/target/cuda-libraries"
                    .formatted(VARIABLE);

    private static final List<Library> LIBRARIES =
            List.of(
                    new Library("driver", "libcuda.so.1", List.of(), "install the NVIDIA driver"),
                    new Library(
                            "NVRTC",
                            "libnvrtc.so.12",
                            List.of("libnvrtc-builtins.so."),
                            "install CUDA 12, or " + NVIDIA_LIBRARIES),
                    new Library(
                            "cuBLAS",
                            "libcublas.so.12",
                            List.of("libcublasLt.so.12"),
                            "install CUDA 12, or " + NVIDIA_LIBRARIES),
                    new Library(
                            "cuDNN",
                            "libcudnn.so.8",
                            List.of("libcudnn_ops_infer.so.8", "libcudnn_ops_train.so.8"),
                            "install cuDNN 8, or " + NVIDIA_LIBRARIES));

    private static final List<String> USUAL_FOLDERS =
            List.of(
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib64",
                    "/usr/lib64/nvidia",
                    "/usr/local/nvidia/lib64",
                    "/usr/local/cuda/lib64",
                    "/usr/local/cuda-12/lib64",
                    "/usr/local/cuda/targets/x86_64-linux/lib",
                    "/usr/lib/wsl/lib",
                    "/run/opengl-driver/lib");

    private CudaLibraries() {}

    /// @param parts beginnings of names of files beside it that are loaded before it if they exist
    private record Library(String name, String file, List<String> parts, String remedy) {}

    /// Where a library was found, if it was.
    ///
    /// @param remedy what to do when it was not
    public record Found(String name, String file, Optional<Path> path, String remedy) {}

    /// What this machine has, without loading anything.
    public static List<Found> search() {
        return search(System.getenv());
    }

    static List<Found> search(Map<String, String> environment) {
        List<Path> folders = folders(environment);
        return LIBRARIES.stream()
                .map(
                        library ->
                                new Found(
                                        library.name,
                                        library.file,
                                        folders.stream()
                                                .map(folder -> folder.resolve(library.file))
                                                .filter(Files::exists)
                                                .findFirst(),
                                        library.remedy))
                .toList();
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
                for (int i = 0; i < found.size(); i++) {
                    Path path = found.get(i).path.orElseThrow();
                    for (String part : LIBRARIES.get(i).parts) {
                        for (Path beside : beside(path, part)) {
                            loadLibrary(beside);
                        }
                    }
                    loadLibrary(path);
                }
                JcudaNatives.load(userCache(System.getenv()));
            } catch (IOException | UnsatisfiedLinkError e) {
                return Optional.of("a CUDA library cannot be loaded: " + e.getMessage());
            }
            return Optional.empty();
        }
    }

    /// Loads all, or fails with one line that says what is missing and what to do.
    static void load() {
        if (Loaded.PROBLEM.isPresent()) {
            throw new CudaException(Loaded.PROBLEM.get());
        }
        tooOldDriver(driver())
                .ifPresent(
                        line -> {
                            throw new CudaException(line);
                        });
    }

    private static Optional<String> tooOldDriver(int version) {
        return version >= OLDEST_DRIVER
                ? Optional.empty()
                : Optional.of(
                        "the driver supports CUDA up to %s, needed is %s; update the driver"
                                .formatted(dotted(version), dotted(OLDEST_DRIVER)));
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
        long version = JCudnn.cudnnGetVersion();
        return "%d.%d.%d".formatted(version / 1000, version / 100 % 10, version % 100);
    }

    private static String dotted(int version) {
        return version / 1000 + "." + version / 10 % 100;
    }
}
