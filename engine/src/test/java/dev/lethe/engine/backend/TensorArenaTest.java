package dev.lethe.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Backpropagation;
import dev.lethe.engine.autograd.Multiply;
import dev.lethe.engine.autograd.Reshape;
import dev.lethe.engine.autograd.Sum;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.BlockSource;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.memory.Storage;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Lifetimes of arenas: order, threads, counting, and the same memory every step.
class TensorArenaTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void close() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    @Test
    void sizesThatOverflowAreRefused() {
        try (TensorArena arena = backend.openStep()) {
            assertThrows(
                    IllegalArgumentException.class, () -> arena.allocate(DType.F64, 1L << 60));
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(DType.F64, -1));
            Buffer four = arena.allocate(DType.F32, 4);
            assertThrows(IllegalArgumentException.class, () -> four.slice(2, Long.MAX_VALUE));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Buffer(new Storage(0, 64), DType.F64, 0, 1L << 60));
        }
    }

    private List<Long> addressesOfAStep(TensorArena arena) {
        Buffer first = arena.allocate(DType.F64, 100);
        Buffer second = arena.allocate(DType.F32, 7);
        List<Long> addresses = new ArrayList<>(List.of(first.address(), second.address()));
        arena.giveBack(first.storage());
        addresses.add(arena.allocate(DType.F64, 100).address());
        addresses.add(arena.allocate(DType.I32, 1).address());
        return addresses;
    }

    @Test
    void whatFitsABlockHasTheSameAddressesInItEveryTime() {
        long bytes;
        try (TensorArena arena = backend.openStep()) {
            addressesOfAStep(arena);
            bytes = arena.usedBytes();
        }
        BlockSource.Block block = backend.memory().acquire(bytes, 0);
        BlockSource.Block exact = new BlockSource.Block(block.address(), bytes);
        List<Long> first;
        try (TensorArena arena = TensorArena.openWithin(backend, exact)) {
            first = addressesOfAStep(arena);
            assertEquals(block.address(), first.getFirst());
            assertSame(arena, TensorArena.current("test"));
            String message =
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> arena.allocate(DType.F32, 1))
                            .getMessage();
            assertTrue(message.startsWith("allocate: 64 bytes more"), message);
        }
        try (TensorArena arena = TensorArena.openWithin(backend, exact)) {
            assertEquals(first, addressesOfAStep(arena));
        }
        backend.memory().giveBack(List.of(block), 1, 0); // still the caller's
    }

    @Test
    void memoryGivenBackIsHandedOutAgainAndItsBuffersAreDead() {
        try (TensorArena arena = backend.openStep();
                TensorArena other = backend.openLongLived()) {
            Buffer first = arena.allocate(DType.F32, 100);
            Buffer second = arena.allocate(DType.F32, 100);
            long used = arena.usedBytes();
            long address = first.address();
            arena.giveBack(first.storage());
            assertFalse(first.isLive());
            assertTrue(second.isLive());
            assertThrows(IllegalStateException.class, first::address);
            assertNotEquals(address, arena.allocate(DType.F32, 300).address());
            assertEquals(address, arena.allocate(DType.F64, 50).address(), "of the same size");
            assertEquals(used + 1216, arena.usedBytes(), "only what is new counts");
            assertThrows(
                    IllegalArgumentException.class, () -> arena.giveBack(first.storage()));
            Buffer foreign = other.allocate(DType.F32, 100);
            assertThrows(
                    IllegalArgumentException.class, () -> arena.giveBack(foreign.storage()));
            assertTrue(foreign.isLive());
        }
    }

    @Test
    void aReopenedArenaHandsOutTheHandlesOfTheStepBefore() {
        try (TensorArena kept = backend.openLongLived()) {
            Buffer two = kept.allocate(DType.F64, 2);
            Tensor w = Tensor.leaf(backend, two, Shape.of(2), true);
            Tensor into = Tensor.leaf(backend, kept.allocate(DType.F64, 2), Shape.of(2), false);
            Backpropagation walk = new Backpropagation(List.of(w), List.of(into));
            TensorArena arena = backend.openStep();
            arena.close();
            Tensor before = null;
            for (int step = 1; step <= 4; step++) {
                backend.elementwise().fill(step, two);
                try (TensorArena _ = arena.reopen()) {
                    if (before != null) {
                        Tensor old = before;
                        assertThrows(IllegalStateException.class, old::toDoubles);
                    }
                    Tensor square = Multiply.multiply(w, w);
                    Tensor column = Reshape.reshape(square, Shape.of(2, 1));
                    Tensor loss = Sum.sum(Multiply.multiply(column, column));
                    assertEquals(2 * Math.pow(step, 4), loss.item());
                    if (before != null) {
                        assertSame(before, column);
                    }
                    before = column;
                    walk.run(loss);
                }
                assertArrayEquals(
                        new double[] {4 * Math.pow(step, 3), 4 * Math.pow(step, 3)},
                        into.toDoubles());
            }
        }
    }

    @Test
    void aReopenedArenaTakesAnyOtherStepToo() {
        TensorArena arena = backend.openStep();
        arena.close();
        for (int step = 0; step < 6; step++) {
            int n = step % 2 + 1;
            try (TensorArena _ = arena.reopen()) {
                Tensor ones = Tensor.filled(DType.F64, Shape.of(n), 1);
                assertEquals(n, Sum.sum(ones).item());
                Tensor same = Tensor.filled(step % 3 == 0 ? DType.F32 : DType.F64, Shape.of(8), 1);
                assertEquals(8, Sum.sum(Reshape.reshape(same, Shape.of(4, 2))).item());
                assertEquals(8, Sum.sum(Reshape.reshape(same, Shape.of(2, 4))).item());
            }
        }
    }

    @Test
    void onlyAClosedStepArenaIsReopened() {
        try (TensorArena arena = backend.openStep()) {
            assertThrows(IllegalStateException.class, arena::reopen);
        }
        TensorArena longLived = backend.openLongLived();
        longLived.close();
        assertThrows(IllegalStateException.class, longLived::reopen);
    }

    @Test
    void thePoolTellsItsPeakAndItsBlocks() {
        assertEquals(0, backend.memory().blocks());
        try (TensorArena arena = backend.openLongLived()) {
            arena.allocate(DType.F32, 1 << 20);
            arena.allocate(DType.F32, 1 << 20);
            assertEquals(2, backend.memory().blocks());
        }
        assertEquals(0, backend.memory().blocks());
        assertEquals(0, backend.memory().reservedBytes());
        assertEquals(8 << 20, backend.memory().peakBytes());
    }

    /// Addresses of everything that one small training step makes.
    private List<Long> step(int sizes) {
        List<Long> addresses = new ArrayList<>();
        try (TensorArena arena = backend.openStep()) {
            for (int i = 0; i < sizes; i++) {
                addresses.add(arena.allocate(DType.F32, 40_000).address());
            }
            Buffer buffer = arena.allocate(DType.F64, 5);
            backend.elementwise().fill(3, buffer);
            Tensor x = Tensor.leaf(backend, buffer, Shape.of(5), true);
            Tensor loss = Sum.sum(Multiply.multiply(x, x));
            addresses.add(loss.buffer().address());
            addresses.add(Autograd.gradients(loss, List.of(x)).of(x).buffer().address());
        }
        return addresses;
    }

    @Test
    void everyStepAfterTheFirstFindsTheSameMemory() {
        step(20); // 3 MiB in several blocks, which become one
        List<Long> second = step(20);
        long held = backend.memory().reservedBytes();
        assertTrue(held >= 20 * 160_000, "the block waits for the next step, got " + held);
        assertEquals(second, step(20));
        assertEquals(second, step(20));
        assertEquals(held, backend.memory().reservedBytes());
        assertEquals(second.size(), new HashSet<>(second).size());
    }

    @Test
    void longLivedArenaLeavesTheStepItsMemory() {
        step(20);
        List<Long> second = step(20);
        try (TensorArena kept = backend.openLongLived()) {
            long address = kept.allocate(DType.F64, 100).address();
            assertFalse(second.contains(address));
            assertEquals(second, step(20));
        }
        assertEquals(second, step(20));
    }

    @Test
    void allocationsAreAlignedAndApart() {
        try (TensorArena arena = backend.openStep()) {
            long end = 0;
            for (int length : new int[] {1, 3, 17, 0, 16, 257}) {
                Buffer buffer = arena.allocate(DType.F32, length);
                assertEquals(0, buffer.address() % 64, "length " + length);
                assertTrue(buffer.address() >= end);
                end = buffer.address() + buffer.bytes();
            }
            assertEquals(64 * (1 + 1 + 2 + 1 + 1 + 17), arena.usedBytes());
        }
    }

    @Test
    void arenasCloseInTheReverseOrderOfOpening() {
        TensorArena outer = backend.openStep();
        TensorArena inner = backend.openStep();
        assertSame(inner, TensorArena.current("test"));
        String message = assertThrows(IllegalStateException.class, outer::close).getMessage();
        assertTrue(message.contains("reverse order"), message);
        assertEquals(2, backend.memory().openArenas());
        assertTrue(outer.allocate(DType.F32, 1).isLive(), "a refused close changes nothing");
        inner.close();
        assertSame(outer, TensorArena.current("test"));
        outer.close();
        outer.close(); // again: nothing happens
        String closed =
                assertThrows(IllegalStateException.class, () -> outer.allocate(DType.F32, 1))
                        .getMessage();
        assertTrue(closed.contains("this arena is closed"), closed);
    }

    @Test
    void anotherThreadMayNotCloseAStepArena() {
        try (TensorArena arena = backend.openStep()) {
            CompletionException failure =
                    assertThrows(
                            CompletionException.class,
                            () -> CompletableFuture.runAsync(arena::close).join());
            String message = failure.getCause().getMessage();
            assertTrue(message.contains("by the thread that opened it"), message);
            assertTrue(arena.allocate(DType.F32, 1).isLive());
        }
    }

    @Test
    void arenaIsCurrentOnItsOwnThreadAlone() {
        try (TensorArena _ = backend.openStep()) {
            CompletionException failure =
                    assertThrows(
                            CompletionException.class,
                            () ->
                                    CompletableFuture.supplyAsync(
                                                    () -> Tensor.zeros(DType.F32, Shape.of(1)))
                                            .join());
            assertTrue(failure.getCause().getMessage().contains("no arena is open"));
        }
    }

    @Test
    void concurrentStepsHaveMemoryOfTheirOwn() {
        try (TensorArena arena = backend.openStep()) {
            long here = arena.allocate(DType.F32, 1).address();
            long there =
                    CompletableFuture.supplyAsync(
                                    () -> {
                                        try (TensorArena other = backend.openStep()) {
                                            return other.allocate(DType.F32, 1).address();
                                        }
                                    })
                            .join();
            assertNotEquals(here, there);
        }
    }

    @Test
    void openArenasAreCounted() {
        assertEquals(0, backend.memory().openArenas());
        try (TensorArena _ = backend.openStep();
                TensorArena _ = backend.openLongLived()) {
            assertEquals(2, backend.memory().openArenas());
        }
        assertEquals(0, backend.memory().openArenas());
    }

    @Test
    void longLivedMemoryGoesBackToTheSystem() {
        long before = backend.memory().reservedBytes();
        try (TensorArena arena = backend.openLongLived()) {
            arena.allocate(DType.F64, 1000);
            arena.allocate(DType.F64, 5000);
            assertTrue(backend.memory().reservedBytes() >= before + 48_000);
        }
        assertEquals(before, backend.memory().reservedBytes());
    }
}
