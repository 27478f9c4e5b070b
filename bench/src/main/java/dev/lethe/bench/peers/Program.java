package dev.lethe.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Who does the work, each in a process of its own.
enum Program {
    LETHE("Lethe"),
    LIBTORCH("LibTorch 2.10 eager"),
    EAGER("PyTorch eager"),
    COMPILED("PyTorch compiled");

    /// libgomp and OpenBLAS keep separate spinning pools, and glibc returns every large tensor to
    /// the system: twice as slow on two cores.
    private static final Map<String, String> AT_ITS_BEST =
            Map.of(
                    "OMP_WAIT_POLICY", "passive",
                    "GOMP_SPINCOUNT", "0",
                    "OPENBLAS_THREAD_TIMEOUT", "4",
                    "MALLOC_MMAP_THRESHOLD_", "4294967296",
                    "MALLOC_TRIM_THRESHOLD_", "17179869184",
                    "MALLOC_TOP_PAD_", "268435456");

    private final String title;

    Program(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /// Steps of training.
    ProcessBuilder training(Places places, Setting s, double warm, double seconds) {
        List<String> rest =
                new ArrayList<>(
                        List.of(
                                s.work(),
                                String.valueOf(s.threads()),
                                String.valueOf(warm),
                                String.valueOf(seconds)));
        return switch (this) {
            case LETHE -> lethe(places, LetheTraining.class, rest);
            case LIBTORCH, EAGER, COMPILED -> peer(places, "train", rest);
        };
    }

    /// A loss head with its gradients.
    ProcessBuilder head(Places places, Setting s, HeadSize size, double seconds) {
        List<String> rest =
                new ArrayList<>(
                        List.of(
                                s.work(),
                                String.valueOf(size.rows()),
                                String.valueOf(size.width()),
                                String.valueOf(size.vocabulary()),
                                String.valueOf(s.threads()),
                                String.valueOf(seconds)));
        return switch (this) {
            case LETHE -> lethe(places, LetheHead.class, rest);
            case LIBTORCH, EAGER, COMPILED -> peer(places, "head", rest);
        };
    }

    private static ProcessBuilder lethe(Places places, Class<?> main, List<String> rest) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                places.java(),
                                "--add-modules=jdk.incubator.vector",
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-Xmn32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()));
        command.addAll(rest);
        return clean(command);
    }

    private ProcessBuilder peer(Places places, String verb, List<String> rest) {
        List<String> command = new ArrayList<>();
        if (this == LIBTORCH) {
            command.addAll(
                    List.of(
                            places.java(),
                            "-Xmx1g",
                            "-Dorg.bytedeco.javacpp.maxBytes=0",
                            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            places.libTorch().orElseThrow(),
                            "dev.lethe.bench.peers.LibTorchPeer"));
        } else {
            command.addAll(
                    List.of(
                            places.python().orElseThrow().executable(),
                            places.script().toString()));
        }
        command.add(verb);
        command.addAll(rest);
        if (this != LIBTORCH) {
            command.add(this == EAGER ? "eager" : "compiled");
        }
        ProcessBuilder builder = clean(command);
        builder.environment().putAll(AT_ITS_BEST);
        if (this != LIBTORCH) {
            places.mklPreload()
                    .ifPresent(file -> builder.environment().put("LD_PRELOAD", file.toString()));
        }
        return builder;
    }

    /// Without what makes OpenBLAS slower.
    private static ProcessBuilder clean(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeAll(List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"));
        return builder;
    }

    /// @param work a configuration, or `ce` or `kl`
    record Setting(String work, int threads) {}

    record HeadSize(int rows, int width, int vocabulary) {}
}
