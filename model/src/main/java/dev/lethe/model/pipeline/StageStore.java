package dev.lethe.model.pipeline;

import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.RegularFile;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.stage.Machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps the result of each stage once, in a directory named after all that decides it.
///
/// `<root>/<name>` exists whole or not at all: it is made as `<name>.part` under `<name>.lock` and
/// renamed. The name is the beginning of the SHA-256 of the specification, inputs included, the
/// backend, the precision and the format. What a killed run left in `<name>.part` is continued.
public final class StageStore {
    /// Raised whenever the same specification would give other numbers or files.
    public static final int FORMAT = 2; // from which on a specification says its shares

    /// The resolved specification.
    public static final String CONFIG = "config.yaml";

    /// The [StageResult].
    public static final String RESULT = "result.json";

    /// One line a step or look.
    public static final String METRICS = "metrics.jsonl";

    private static final String JARS = "objectives";
    private static final int NAME_BYTES = 8;

    private final Path root;
    private final String backend;
    private final String dtype;
    private final Set<Path> verified = ConcurrentHashMap.newKeySet();

    /// @param root the runs' `stages` directory, made when needed
    /// @param backend by name, such as `cpu`
    public StageStore(Path root, String backend, Precision precision) {
        this.root = root;
        this.backend = backend;
        this.dtype = precision.word();
    }

    /// Fails unless the results of the machine are those that this store keeps.
    void requireMachine(Machine machine) {
        String type = machine.precision().word();
        if (!machine.backend().name().equals(backend) || !type.equals(dtype)) {
            throw new IllegalArgumentException(
                    ("stage store: expected backend %s and type %s, got %s and %s; open"
                                    + " a store of that backend and type")
                            .formatted(backend, dtype, machine.backend().name(), type));
        }
    }

    /// Hexadecimal digits that stand for the stage.
    public String name(StageSpec spec) {
        String all =
                SpecFile.canonical(spec) + "\n" + backend + "\n" + dtype + "\n" + FORMAT + "\n";
        byte[] hash = DoneFile.sha256().digest(all.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, NAME_BYTES);
    }

    /// Where the finished stage is or will be.
    public Path directory(StageSpec spec) {
        return root.resolve(name(spec));
    }

    /// The result of a stage that is finished.
    ///
    /// @throws CheckpointException where its directory is damaged or of another format
    public Optional<StageResult> find(StageSpec spec) {
        Path directory = directory(spec);
        return Files.exists(directory) ? Optional.of(open(directory)) : Optional.empty();
    }

    private StageResult open(Path directory) {
        if (!verified.contains(directory)) {
            DoneFile.verify(directory);
            verified.add(directory);
        }
        return SpecFile.readResult(directory.resolve(RESULT));
    }

    /// The result of a finished stage in a directory that someone named.
    ///
    /// @throws CheckpointException where it is none, damaged or of another format
    public static StageResult read(Path directory) {
        DoneFile.verify(directory);
        return SpecFile.readResult(directory.resolve(RESULT));
    }

    /// Takes a JAR with an objective of a user's own, so that its stages can be made again, or gone on
    /// with, whatever becomes of the file.
    ///
    /// @throws CheckpointException where it cannot be read, or the store not be written
    public void adoptJar(Path jar) {
        byte[] bytes = read(jar, Files::readAllBytes);
        Path kept = jar(HexFormat.of().formatHex(DoneFile.sha256().digest(bytes)));
        if (!Files.exists(kept)) {
            try {
                Files.createDirectories(kept.getParent());
            } catch (IOException e) {
                throw unwritable(kept, e);
            }
            AtomicFile.write(kept, bytes);
        }
    }

    /// The SHA-256 that [Method.Custom] names a JAR by.
    static String digest(Path jar) {
        return read(jar, DoneFile::sha256);
    }

    private interface Reading<R> {
        R of(Path file) throws IOException;
    }

    private static <R> R read(Path jar, Reading<R> reading) {
        try {
            return reading.of(RegularFile.require(jar));
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: expected a JAR that can be read, got %s; check the path"
                            .formatted(
                                    jar,
                                    e instanceof NoSuchFileException
                                            ? "none"
                                            : AtomicFile.reason(e)),
                    e);
        }
    }

    /// Where an adopted JAR lies.
    Path jar(String digest) {
        return root.resolve(JARS).resolve(digest + ".jar");
    }

    /// Takes the stage's lock; what it is used for is decided by [#find] afterwards.
    ///
    /// @param waiting told once where another process has it
    Claim claim(StageSpec spec, Runnable waiting) {
        try {
            Files.createDirectories(root);
        } catch (IOException e) {
            throw unwritable(root, e);
        }
        String name = name(spec);
        return new Claim(spec, name, StageLock.acquire(root.resolve(name + ".lock"), waiting));
    }

    /// The right to make a stage.
    final class Claim implements AutoCloseable {
        private final StageSpec spec;
        private final StageLock lock;
        private final Path part;
        private final Path whole;

        private Claim(StageSpec spec, String name, StageLock lock) {
            this.spec = spec;
            this.lock = lock;
            this.part = root.resolve(name + ".part");
            this.whole = root.resolve(name);
        }

        /// The directory to work in, with what a killed run left there, but for files that it was
        /// just writing.
        Path open() {
            try {
                Files.createDirectories(part);
                try (var files = Files.newDirectoryStream(part, ".lethe-*.partial")) {
                    for (Path file : files) {
                        Files.delete(file);
                    }
                }
                return part;
            } catch (IOException e) {
                throw unwritable(part, e);
            }
        }

        /// Adds specification, result and checksums and gives the directory its name.
        void finish(StageResult result) {
            write(part.resolve(CONFIG), SpecFile.yaml(spec));
            write(part.resolve(RESULT), SpecFile.json(result));
            try {
                DoneFile done = DoneFile.of(part, backend, dtype);
                write(part.resolve(DoneFile.NAME), SpecFile.json(done));
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
                AtomicFile.forceDirectory(root.toAbsolutePath());
            } catch (IOException e) {
                throw unwritable(whole, e);
            }
            verified.add(whole);
            lock.delete();
        }

        @Override
        public void close() {
            lock.close();
        }
    }

    private static void write(Path file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                file,
                channel -> {
                    ByteBuffer buffer = ByteBuffer.wrap(bytes);
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                });
    }

    static CheckpointException unwritable(Path place, IOException e) {
        return new CheckpointException(
                ("%s: cannot write: expected a writable place, got %s; check the"
                                + " directory, its rights and free space")
                        .formatted(place, AtomicFile.reason(e)),
                e);
    }
}
