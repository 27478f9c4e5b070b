package dev.lethe.model.pipeline;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.checkpoint.CheckpointException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// `DONE`, a stage directory's last file: what it was made with, and the checksum of each other
/// file.
///
/// @param format [StageStore#FORMAT] of the version that made it
/// @param files SHA-256 in hexadecimal digits by file name
record DoneFile(int format, String backend, String dtype, Map<String, String> files) {
    static final String NAME = "DONE";

    DoneFile {
        files = new TreeMap<>(files);
    }

    /// Of all files that lie in the directory now.
    static DoneFile of(Path directory, String backend, String dtype) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> listed = Files.list(directory)) {
            for (Path file : listed.toList()) {
                files.put(file.getFileName().toString(), sha256(file));
            }
        }
        return new DoneFile(StageStore.FORMAT, backend, dtype, files);
    }

    /// Fails unless the directory is a finished stage of this format whose files are as they were.
    ///
    /// @throws CheckpointException in one line
    static void verify(Path directory) {
        Path done = directory.resolve(NAME);
        try {
            JsonNode tree = SpecFile.readTree(done);
            if (!tree.path("format").isInt() || !tree.path("files").isObject()) {
                throw broken(done, "a list of checksums", "something else", null);
            }
            int format = tree.path("format").intValue();
            if (format != StageStore.FORMAT) {
                throw new CheckpointException(
                        ("%s: stage of format %d, expected format %d; remove the directory and run"
                             + " again, or use the version that made it")
                                .formatted(directory, format, StageStore.FORMAT));
            }
            for (Map.Entry<String, JsonNode> file : tree.path("files").properties()) {
                String expected = file.getValue().asText();
                String got = sha256(directory.resolve(file.getKey()));
                if (!got.equals(expected)) {
                    throw broken(
                            directory.resolve(file.getKey()),
                            "checksum " + expected.substring(0, Math.min(12, expected.length())),
                            got.substring(0, 12),
                            null);
                }
            }
        } catch (IOException e) {
            throw broken(done, "a finished stage", AtomicFile.reason(e), e);
        }
    }

    private static CheckpointException broken(
            Path file, String expected, String got, IOException cause) {
        return new CheckpointException(
                "%s: damaged: expected %s, got %s; remove the directory %s and run again"
                        .formatted(file, expected, got, file.getParent()),
                cause);
    }

    /// Of all weight files of a model's directory.
    static String weights(Path directory) {
        try (Stream<Path> listed = Files.list(directory)) {
            MessageDigest all = sha256();
            for (Path file :
                    listed.filter(file -> file.toString().endsWith(".safetensors"))
                            .sorted()
                            .toList()) {
                all.update(sha256(file).getBytes(StandardCharsets.US_ASCII));
            }
            return HexFormat.of().formatHex(all.digest());
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: expected a model's directory, got: %s; name one with config.json and model.safetensors"
                            .formatted(directory, AtomicFile.reason(e)),
                    e);
        }
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
