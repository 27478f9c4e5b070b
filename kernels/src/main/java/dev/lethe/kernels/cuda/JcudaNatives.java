package dev.lethe.kernels.cuda;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;

/// Loads JCuda's own native libraries.
///
/// JCuda unpacks them into `java.io.tmpdir` under fixed names and takes what it finds there, so two
/// processes, two users or an interrupted one would disturb each other. It is given a folder of
/// Lethe's instead, under a lock, and files that are not whole are removed first.
final class JcudaNatives {
    private static final String TEMPORARY = "java.io.tmpdir";
    private static final String VERSION = "12.6.0";
    private static final List<String> NAMES =
            List.of("JCudaDriver", "JNvrtc", "JCublas2", "JCudnn");

    private JcudaNatives() {}

    static void load(Path userCache) throws IOException {
        Path folder = Files.createDirectories(userCache.resolve("jcuda-" + VERSION));
        try (FileChannel channel =
                        FileChannel.open(
                                folder.resolve("lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            for (String name : NAMES) {
                removeUnlessWhole(folder, name);
            }
            String temporary = System.setProperty(TEMPORARY, folder.toString());
            try {
                // Their static initialisers unpack and load.
                JCudaDriver.setExceptionsEnabled(false);
                JNvrtc.setExceptionsEnabled(false);
                JCublas2.setExceptionsEnabled(false);
                JCudnn.setExceptionsEnabled(false);
            } finally {
                System.setProperty(TEMPORARY, temporary);
            }
        }
    }

    private static void removeUnlessWhole(Path folder, String name) throws IOException {
        String file = "lib%s-%s-linux-x86_64.so".formatted(name, VERSION);
        Path unpacked = folder.resolve(file);
        if (!Files.exists(unpacked)) {
            return;
        }
        try (var in = JCudaDriver.class.getResourceAsStream("/lib/" + file)) {
            if (in == null || in.readAllBytes().length != Files.size(unpacked)) {
                Files.delete(unpacked);
            }
        }
    }
}
