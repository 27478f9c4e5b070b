package dev.lethe.kernels.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A library of NVIDIA's that JCuda needs, and where to look for it.
///
/// @param file its name, which is the SONAME that JCuda's own library asks for
/// @param parts beginnings of names of files beside it that are loaded before it if they exist
/// @param newer what may stand in its place behind a forwarding library
/// @param remedy what to do where there is none
record CudaLibrary(
        String name, String file, List<String> parts, Optional<Newer> newer, String remedy) {
    static final int OLDEST_DRIVER = 12000; // 12.0, which cuBLAS 12 needs
    private static final int CUDA_13 = 13000;

    private static final String NVIDIA_LIBRARIES =
            "build with mvn -Pcuda-libraries and set %s to kernels/target/cuda-libraries"
                    .formatted(CudaLibraries.VARIABLE);

    static final List<CudaLibrary> ALL =
            List.of(
                    new CudaLibrary(
                            "driver",
                            "libcuda.so.1",
                            List.of(),
                            Optional.empty(),
                            "install the NVIDIA driver"),
                    new CudaLibrary(
                            "NVRTC",
                            "libnvrtc.so.12",
                            List.of("libnvrtc-builtins.so."),
                            newer("libnvrtc.so.13", CUDA_13, "libnvrtc-builtins.so."),
                            "install CUDA 12 or 13, or " + NVIDIA_LIBRARIES),
                    new CudaLibrary(
                            "cuBLAS",
                            "libcublas.so.12",
                            List.of("libcublasLt.so.12"),
                            newer("libcublas.so.13", CUDA_13, "libcublasLt.so.13"),
                            "install CUDA 12 or 13, or " + NVIDIA_LIBRARIES),
                    new CudaLibrary(
                            "cuDNN",
                            "libcudnn.so.8",
                            List.of("libcudnn_ops_infer.so.8", "libcudnn_ops_train.so.8"),
                            // There is one for each of CUDA 12 and 13.
                            newer(
                                    "libcudnn.so.9",
                                    OLDEST_DRIVER,
                                    "libcudnn_graph.so.9",
                                    "libcudnn_ops.so.9"),
                            "install cuDNN 8 or 9, or " + NVIDIA_LIBRARIES));

    /// @param oldestDriver the lowest version of CUDA that the driver must support
    record Newer(String file, int oldestDriver, List<String> parts) {}

    private static Optional<Newer> newer(String file, int oldestDriver, String... parts) {
        return Optional.of(new Newer(file, oldestDriver, List.of(parts)));
    }

    /// The file that makes a newer library answer to this one's name.
    String forwarder() {
        return file + ".forward";
    }

    /// Itself in the first folder that has it, else a newer one with its forwarding library.
    CudaLibraries.Found in(List<Path> folders) {
        Optional<Path> itself = first(folders, file);
        if (itself.isPresent() || newer.isEmpty()) {
            return new CudaLibraries.Found(name, file, itself, Optional.empty(), remedy);
        }
        Optional<Path> later = first(folders, newer.get().file);
        Optional<Path> forward = first(folders, forwarder());
        if (later.isPresent() && forward.isEmpty()) {
            String make =
                    ("%s is there, but needs %s: run kernels/src/main/cuda-forward/build.sh DIR"
                                    + " and add DIR to %s")
                            .formatted(later.get(), forwarder(), CudaLibraries.VARIABLE);
            return new CudaLibraries.Found(name, file, Optional.empty(), Optional.empty(), make);
        }
        return new CudaLibraries.Found(
                name, file, later, later.isPresent() ? forward : Optional.empty(), remedy);
    }

    private static Optional<Path> first(List<Path> folders, String file) {
        return folders.stream()
                .map(folder -> folder.resolve(file))
                .filter(Files::exists)
                .findFirst();
    }
}
