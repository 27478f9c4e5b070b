package dev.lethe.engine.parallel;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// The one place with threads: runs numbered tasks on a fixed number of workers, the caller among them.
///
/// Which worker takes a task is left open, so tasks must write to places of their own; what they add up
/// is added in the order of their numbers, by the caller or by a second round of tasks.
public final class Workers implements AutoCloseable {
    private final int threads;
    private final ExecutorService pool;

    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "threads: expected at least 1, got " + threads + "; leave it out for all cores");
        }
        this.threads = threads;
        ThreadFactory daemons =
                Thread.ofPlatform().daemon().name("lethe-worker-", 1).factory();
        this.pool = threads == 1 ? null : Executors.newFixedThreadPool(threads - 1, daemons);
    }

    public int threads() {
        return threads;
    }

    /// Runs `task` for 0 to `count - 1` and returns when all are done. The first failure stops tasks
    /// that have not begun, and is thrown when those under way have ended.
    public void forEach(int count, IntConsumer task) {
        AtomicInteger next = new AtomicInteger();
        Runnable worker =
                () -> {
                    try {
                        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                            task.accept(i);
                        }
                    } catch (Throwable failure) {
                        next.set(count);
                        throw failure;
                    }
                };
        List<Future<?>> others = new ArrayList<>();
        for (int i = 1; i < Math.min(threads, count); i++) {
            others.add(pool.submit(worker));
        }
        Throwable failure = null;
        try {
            worker.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        for (Future<?> other : others) {
            failure = first(failure, await(other));
        }
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    /// Waits even when interrupted: tasks hold memory that the caller is about to free.
    private static Throwable await(Future<?> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return null;
                } catch (ExecutionException e) {
                    return e.getCause();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Throwable first(Throwable one, Throwable other) {
        return one != null ? one : other;
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.shutdownNow();
        }
    }
}
