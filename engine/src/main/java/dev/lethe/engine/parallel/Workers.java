package dev.lethe.engine.parallel;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/// The one place with threads: runs numbered tasks on a fixed number of workers, the caller among them.
///
/// Which worker takes a task is left open, so tasks must write to places of their own; what they add up
/// is added in the order of their numbers, by the caller or by a second round of tasks.
public final class Workers implements AutoCloseable {
    private static final ScopedValue<Workers> OF_TASK = ScopedValue.newInstance();

    private final int threads;
    private final ExecutorService pool;
    private boolean closed;

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
    /// that have not begun, and is thrown when those under way have ended; later ones are suppressed.
    ///
    /// Not from inside a task: the inner call would wait for threads that wait for it.
    public void forEach(int count, IntConsumer task) {
        requireReady();
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Runnable worker =
                () -> {
                    try {
                        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                            task.accept(i);
                        }
                    } catch (Throwable e) {
                        next.set(count);
                        if (!failure.compareAndSet(null, e) && failure.get() != e) {
                            failure.get().addSuppressed(e);
                        }
                    }
                };
        int helpers = Math.max(0, Math.min(threads, count) - 1);
        CountDownLatch ended = new CountDownLatch(helpers);
        for (int i = 0; i < helpers; i++) {
            pool.execute(
                    () -> {
                        within(worker);
                        ended.countDown();
                    });
        }
        within(worker);
        awaitAll(ended);
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void requireReady() {
        if (OF_TASK.isBound() && OF_TASK.get() == this) {
            throw new IllegalStateException(
                    "forEach: expected a caller outside its tasks, got one inside; run the inner tasks in a loop");
        }
        if (closed) {
            throw new IllegalStateException("forEach: these workers are closed; open new ones");
        }
    }

    private void within(Runnable worker) {
        ScopedValue.where(OF_TASK, this).run(worker);
    }

    /// Waits even when interrupted: tasks hold memory that the caller is about to free.
    private static void awaitAll(CountDownLatch ended) {
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        if (pool != null) {
            pool.shutdownNow();
        }
    }
}
