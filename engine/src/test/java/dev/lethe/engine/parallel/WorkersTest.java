package dev.lethe.engine.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void everyTaskRunsOnce(int threads) {
        try (Workers workers = new Workers(threads)) {
            assertEquals(threads, workers.threads());
            for (int count : new int[] {0, 1, 2, 5, 17, 1000}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(count);
                workers.forEach(count, runs::incrementAndGet);
                for (int i = 0; i < count; i++) {
                    assertEquals(1, runs.get(i), "task " + i + " of " + count);
                }
            }
        }
    }

    @Test
    void asManyThreadsAsAskedForWorkAtOnce() {
        try (Workers workers = new Workers(3)) {
            CountDownLatch together = new CountDownLatch(3);
            workers.forEach(3, _ -> meet(together));
            assertEquals(0, together.getCount());
        }
    }

    private static void meet(CountDownLatch together) {
        together.countDown();
        await(together);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void resultsDoNotDependOnThreads(int threads) {
        double[] expected = new double[257];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = Math.sqrt(i);
        }
        double[] got = new double[257];
        try (Workers workers = new Workers(threads)) {
            workers.forEach(got.length, i -> got[i] = Math.sqrt(i));
        }
        for (int i = 0; i < got.length; i++) {
            assertEquals(expected[i], got[i]);
        }
    }

    @Test
    void firstFailureIsThrownWhenTheOthersHaveEnded() {
        try (Workers workers = new Workers(3)) {
            IllegalStateException first = new IllegalStateException("the first");
            CountDownLatch begun = new CountDownLatch(3);
            CountDownLatch failed = new CountDownLatch(1);
            AtomicBoolean ended = new AtomicBoolean();
            AtomicInteger later = new AtomicInteger();
            RuntimeException thrown =
                    assertThrows(
                            RuntimeException.class,
                            () ->
                                    workers.forEach(
                                            1000,
                                            i -> {
                                                if (i > 2) {
                                                    later.incrementAndGet();
                                                    return;
                                                }
                                                meet(begun);
                                                if (i == 2) {
                                                    failed.countDown();
                                                    throw first;
                                                }
                                                await(failed);
                                                sleep(50);
                                                if (i == 1) {
                                                    throw new IllegalArgumentException("later");
                                                }
                                                ended.set(true);
                                            }));
            assertSame(first, thrown);
            assertTrue(ended.get(), "tasks under way have ended");
            assertEquals(0, later.get(), "tasks that had not begun do not run");
            assertEquals(1, thrown.getSuppressed().length);
        }
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void errorsAreThrownAsTheyAreAndWorkGoesOnAfterwards(int threads) {
        try (Workers workers = new Workers(threads)) {
            for (Throwable failure :
                    new Throwable[] {new OutOfMemoryError("test"), new ArithmeticException()}) {
                Throwable thrown =
                        assertThrows(
                                Throwable.class,
                                () ->
                                        workers.forEach(
                                                10,
                                                i -> {
                                                    if (i == 4) {
                                                        WorkersTest.<RuntimeException>raise(
                                                                failure);
                                                    }
                                                }));
                assertSame(failure, thrown);
                AtomicInteger runs = new AtomicInteger();
                workers.forEach(10, _ -> runs.incrementAndGet());
                assertEquals(10, runs.get());
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void raise(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    void interruptIsKeptAndTheWorkDone() {
        try (Workers workers = new Workers(3)) {
            AtomicInteger runs = new AtomicInteger();
            Thread.currentThread().interrupt();
            workers.forEach(
                    3,
                    i -> {
                        if (Thread.currentThread().getName().startsWith("lethe-worker")) {
                            sleep(20);
                        }
                        runs.addAndGet(1 + i);
                    });
            assertTrue(Thread.interrupted(), "the caller still sees its interrupt");
            assertEquals(6, runs.get());
        }
    }

    @Test
    void callInsideATaskIsRefused() {
        try (Workers workers = new Workers(2);
                Workers others = new Workers(2)) {
            String message =
                    assertThrows(
                                    IllegalStateException.class,
                                    () ->
                                            workers.forEach(
                                                    2, _ -> workers.forEach(2, _ -> {})))
                            .getMessage();
            assertTrue(message.contains("inside"), message);
            AtomicInteger runs = new AtomicInteger();
            workers.forEach(2, _ -> others.forEach(3, _ -> runs.incrementAndGet()));
            assertEquals(6, runs.get(), "workers of another set may be used");
        }
    }

    @Test
    void nonsenseIsRefused() {
        for (int threads : new int[] {0, -1}) {
            String message =
                    assertThrows(IllegalArgumentException.class, () -> new Workers(threads))
                            .getMessage();
            assertTrue(message.contains("at least 1, got " + threads), message);
        }
        Workers closed = new Workers(2);
        closed.close();
        closed.close();
        String message =
                assertThrows(IllegalStateException.class, () -> closed.forEach(2, _ -> {}))
                        .getMessage();
        assertTrue(message.contains("closed"), message);
    }
}
