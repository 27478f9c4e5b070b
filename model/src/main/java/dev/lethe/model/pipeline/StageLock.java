package dev.lethe.model.pipeline;

import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.checkpoint.CheckpointException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/// Keeps a stage to one thread of one process at a time. The system lets go of it when a process
/// ends, however it ends.
final class StageLock implements AutoCloseable {
    /// File locks are a process's, not a thread's: threads meet here first.
    private static final ConcurrentMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private final Path file;
    private final ReentrantLock thread;
    private final FileChannel channel; // closing it ends the lock

    private StageLock(Path file, ReentrantLock thread, FileChannel channel) {
        this.file = file;
        this.thread = thread;
        this.channel = channel;
    }

    /// Waits for the lock.
    ///
    /// @param waiting told once before waiting for another process
    static StageLock acquire(Path place, Runnable waiting) {
        Path file = place.toAbsolutePath().normalize();
        ReentrantLock thread = THREADS.computeIfAbsent(file, _ -> new ReentrantLock());
        thread.lock();
        try {
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (channel.tryLock() == null) {
                    waiting.run();
                    channel.lock();
                }
                return new StageLock(file, thread, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            thread.unlock();
            throw new CheckpointException(
                    ("%s: cannot lock: expected a writable place, got %s; check the"
                                    + " directory and its rights, or choose another --runs")
                            .formatted(file, AtomicFile.reason(e)),
                    e);
        } catch (RuntimeException e) {
            thread.unlock();
            throw e;
        }
    }

    /// For a stage that is finished: whoever waits for this file finds the stage and needs no lock.
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot remove: got %s; check the directory's rights"
                            .formatted(file, AtomicFile.reason(e)),
                    e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot unlock: got %s; check the disk"
                            .formatted(file, AtomicFile.reason(e)),
                    e);
        } finally {
            thread.unlock();
        }
    }
}
