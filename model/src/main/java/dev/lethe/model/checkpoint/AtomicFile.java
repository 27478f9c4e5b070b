package dev.lethe.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes a file that exists whole or not at all: beside the target, forced to disk, then renamed
/// over it.
public final class AtomicFile {
    /// What goes into the file.
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    private AtomicFile() {}

    /// Writes `target`, replacing a file that is there. Whatever fails, nothing half-written stays
    /// behind.
    ///
    /// @throws CheckpointException where the place cannot be written
    public static void write(Path target, Content content) {
        Path absolute = target.toAbsolutePath();
        if (absolute.getFileName() == null || Files.isDirectory(absolute)) {
            throw new CheckpointException(
                    ("%s: cannot write: expected the name of a file, got a directory; "
                                    + "name a file in it")
                            .formatted(target));
        }
        // A rename would put a file in place of a device, for root even of /dev/null.
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            throw new CheckpointException(
                    ("%s: cannot write: expected a new or a regular file, got a device, pipe or "
                                    + "socket; name a file")
                            .formatted(target));
        }
        // Not named after the target: its name may already have the greatest length.
        Path partial = absolute.resolveSibling(".lethe-" + UUID.randomUUID() + ".partial");
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                partial.toFile().deleteOnExit(); // an interrupt ends the JVM in the middle of this
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(partial, absolute, StandardCopyOption.ATOMIC_MOVE);
            forceDirectory(absolute.getParent());
        } catch (IOException e) {
            remove(partial, e);
            throw new CheckpointException(
                    ("%s: cannot write: expected a writable place, got %s; "
                                    + "check the directory, its rights and free space")
                            .formatted(target, reason(e)),
                    e);
        } catch (RuntimeException | Error e) {
            remove(partial, e);
            throw e;
        }
    }

    /// As [#write(Path, Content)], with these bytes.
    public static void write(Path target, byte[] bytes) {
        write(
                target,
                channel -> {
                    ByteBuffer left = ByteBuffer.wrap(bytes);
                    while (left.hasRemaining()) {
                        channel.write(left);
                    }
                });
    }

    private static void remove(Path partial, Throwable because) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    /// The system's words (such as `No space left on device`) where it gave any.
    public static String reason(IOException e) {
        String words =
                e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return words == null ? e.getClass().getSimpleName() : words;
    }

    /// Without this the rename itself may be lost with the power. Only POSIX opens directories.
    public static void forceDirectory(Path directory) throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
