package dev.lethe.kernels.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// PTX on disk, one file a key, so that a kernel is compiled once a machine.
///
/// A file holds the SHA-256 of its text in the first line. It is written beside and renamed, so
/// that a reader sees a whole file or none, whoever else writes; one that does not match its
/// checksum is taken for absent. Where the folder cannot be written, nothing is kept.
final class PtxCache {
    private static final Logger LOG = LoggerFactory.getLogger(PtxCache.class);

    private final Path folder;

    PtxCache(Path folder) {
        this.folder = folder;
    }

    /// `LETHE_PTX_CACHE`, else `lethe/ptx` in the user's cache folder.
    static PtxCache ofUser(Map<String, String> environment) {
        String own = environment.get("LETHE_PTX_CACHE");
        if (own != null && !own.isBlank()) {
            return new PtxCache(Path.of(own));
        }
        return new PtxCache(CudaLibraries.userCache(environment).resolve("ptx"));
    }

    /// A name for what goes into a compilation.
    static String key(String name, String... parts) {
        MessageDigest sha = sha256();
        for (String part : parts) {
            sha.update(part.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
        }
        return name + "-" + HexFormat.of().formatHex(sha.digest(), 0, 12);
    }

    Optional<String> get(String key) {
        Path file = file(key);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String all = Files.readString(file);
            int end = all.indexOf('\n');
            String text = all.substring(end + 1);
            if (end > 0 && all.substring(0, end).equals(checksum(text))) {
                return Optional.of(text);
            }
            LOG.warn("{} is damaged; its kernels are compiled again", file);
        } catch (IOException e) {
            LOG.warn("{} cannot be read ({}); its kernels are compiled again", file, e.toString());
        }
        return Optional.empty();
    }

    void put(String key, String text) {
        Path file = file(key);
        try {
            Files.createDirectories(folder);
            Path beside = Files.createTempFile(folder, key, ".new");
            Files.writeString(beside, checksum(text) + "\n" + text);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn(
                    "{} cannot be written ({}); kernels are compiled each time",
                    file,
                    e.toString());
        }
    }

    private Path file(String key) {
        return folder.resolve(key + ".ptx");
    }

    private static String checksum(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
