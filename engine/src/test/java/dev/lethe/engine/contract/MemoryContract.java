package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of a backend's memory: copies, arenas and their ends, the pool.
public abstract class MemoryContract {
    private Backend backend;

    /// A fresh instance of the backend under test; the contract closes it.
    protected abstract Backend open();

    @BeforeEach
    final void openBackend() {
        backend = open();
    }

    @AfterEach
    final void closeBackend() {
        Assertions.assertEquals(0, backend.memory().openArenas(), "arenas left open");
        backend.close();
    }

    @Test
    void hasANameAndADescription() {
        // What a device only simulates, it says.
        Assertions.assertTrue(
                backend.name().matches("[a-z]+( \\(simulated\\))?"), backend.name());
        Assertions.assertFalse(backend.description().isBlank());
        Assertions.assertEquals(1, backend.description().lines().count());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsUploadedComesBack(DType dtype) {
        if (!backend.supports(dtype)) {
            return; // each kernel contract sees that the type is refused
        }
        try (Arena host = Arena.ofConfined();
                TensorArena step = backend.openStep()) {
            for (int size : Numbers.ODD_SIZES) {
                Buffer buffer = step.allocate(dtype, size);
                byte[] bytes = new byte[Math.toIntExact(buffer.bytes())];
                new Random(size).nextBytes(bytes); // any bits, those of NaN included
                MemorySegment there = host.allocate(bytes.length, 64);
                MemorySegment.copy(MemorySegment.ofArray(bytes), 0, there, 0, bytes.length);
                backend.upload(there, buffer);
                MemorySegment back = host.allocate(bytes.length, 64);
                backend.download(buffer, back);
                Assertions.assertEquals(-1, there.mismatch(back), dtype + " " + size);
            }
        }
    }

    @Test
    void slicesShareTheirBuffersMemory() {
        try (TensorArena step = backend.openStep()) {
            Buffer whole = step.allocate(DType.F32, 10);
            Workbench.write(backend, new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, whole);
            Buffer part = whole.slice(3, 4);
            Assertions.assertArrayEquals(
                    new double[] {3, 4, 5, 6}, Workbench.read(backend, part));
            Workbench.write(backend, new double[] {-3, -4, -5, -6}, part);
            Assertions.assertArrayEquals(
                    new double[] {0, 1, 2, -3, -4, -5, -6, 7, 8, 9},
                    Workbench.read(backend, whole));
        }
    }

    @Test
    void copiesOfWrongSizeAreRefused() {
        try (Arena host = Arena.ofConfined();
                TensorArena step = backend.openStep()) {
            Buffer buffer = step.allocate(DType.F64, 3);
            for (int bytes : new int[] {23, 25, 12}) {
                MemorySegment segment = host.allocate(bytes, 64);
                Assertions.assertThrows(
                        IllegalArgumentException.class, () -> backend.upload(segment, buffer));
                Assertions.assertThrows(
                        IllegalArgumentException.class, () -> backend.download(buffer, segment));
            }
        }
    }

    @Test
    void allocationsAreAlignedAndApart() {
        try (TensorArena step = backend.openStep()) {
            long end = Long.MIN_VALUE;
            for (int size : Numbers.ODD_SIZES) {
                Buffer buffer = step.allocate(DType.F32, size);
                Assertions.assertEquals(0, buffer.address() % 64, "alignment of " + size);
                Assertions.assertTrue(buffer.address() >= end, "overlap at " + size);
                end = buffer.address() + buffer.bytes();
            }
            Assertions.assertNotNull(step.allocate(DType.F64, 0));
        }
    }

    @Test
    void everyStepFindsTheMemoryOfTheStepBefore() {
        long first = stepOf(1000);
        long reserved = backend.memory().reservedBytes();
        for (int i = 0; i < 5; i++) {
            Assertions.assertEquals(first, stepOf(1000));
        }
        Assertions.assertEquals(reserved, backend.memory().reservedBytes());
    }

    /// A step that outgrew its block finds one block of the whole size next time.
    @Test
    void aStepThatOutgrewItsBlockSettlesInOne() {
        stepOf(5_000_000);
        long settled = stepOf(5_000_000);
        long reserved = backend.memory().reservedBytes();
        Assertions.assertEquals(settled, stepOf(5_000_000));
        Assertions.assertEquals(reserved, backend.memory().reservedBytes());
        Assertions.assertTrue(reserved >= 5_000_000, "bytes held: " + reserved);
    }

    /// Allocates `bytes` in five parts and returns where the first lay.
    private long stepOf(int bytes) {
        try (TensorArena step = backend.openStep()) {
            long address = step.allocate(DType.F32, bytes / 20).address();
            for (int i = 1; i < 5; i++) {
                step.allocate(DType.F32, bytes / 20);
            }
            Assertions.assertTrue(step.usedBytes() >= bytes / 20 * 20L);
            return address;
        }
    }

    @Test
    void aLongLivedArenaReturnsItsMemoryAndIsNeverCurrent() {
        long before = backend.memory().reservedBytes();
        try (TensorArena parameters = backend.openLongLived()) {
            Buffer kept = parameters.allocate(DType.F32, 100_000);
            Workbench.write(backend, Numbers.filled(7, 100_000), kept);
            noneIsCurrent();
            stepOf(1000);
            Assertions.assertTrue(kept.isLive());
            Assertions.assertEquals(700_000, KernelContract.sum(Workbench.read(backend, kept)));
        }
        long stepBlock = backend.memory().expectedStepBytes();
        Assertions.assertEquals(before + stepBlock, backend.memory().reservedBytes());
    }

    @Test
    void openArenasAreCounted() {
        TensorArena leaked = backend.openLongLived();
        Assertions.assertEquals(1, backend.memory().openArenas());
        try (TensorArena step = backend.openStep()) {
            Assertions.assertEquals(2, backend.memory().openArenas());
            Assertions.assertSame(backend, step.backend());
        }
        leaked.close();
        leaked.close(); // twice counts once
        Assertions.assertEquals(0, backend.memory().openArenas());
    }

    @Test
    void useAfterCloseIsRefused() {
        Buffer buffer;
        TensorArena closed;
        try (TensorArena step = backend.openStep()) {
            closed = step;
            buffer = step.allocate(DType.F32, 4);
        }
        Assertions.assertFalse(buffer.isLive());
        refused(buffer::address);
        refused(buffer.slice(1, 2)::address);
        refused(() -> Workbench.write(backend, new double[4], buffer));
        refused(() -> Workbench.read(backend, buffer));
        refused(() -> backend.elementwise().fill(0, buffer));
        refused(() -> closed.allocate(DType.F32, 1));
    }

    @Test
    void arenasCloseInReverseOrder() {
        try (TensorArena outer = backend.openStep()) {
            try (TensorArena inner = backend.openStep()) {
                Assertions.assertSame(inner, TensorArena.current("test"));
                refused(outer::close);
                Buffer alive = outer.allocate(DType.F32, 1);
                Assertions.assertTrue(alive.isLive());
            }
            Assertions.assertSame(outer, TensorArena.current("test"));
        }
        noneIsCurrent();
    }

    @Test
    void aStepArenaBelongsToItsThread() throws InterruptedException {
        try (TensorArena step = backend.openStep()) {
            Throwable[] thrown = new Throwable[1];
            Thread other =
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, failure) -> thrown[0] = failure)
                            .start(step::close);
            other.join();
            Assertions.assertInstanceOf(IllegalStateException.class, thrown[0]);
            Assertions.assertTrue(step.allocate(DType.F32, 1).isLive());
        }
    }

    private static void noneIsCurrent() {
        IllegalStateException none =
                Assertions.assertThrows(
                        IllegalStateException.class, () -> TensorArena.current("rmsNorm"));
        Assertions.assertTrue(none.getMessage().startsWith("rmsNorm: "), none.getMessage());
    }

    private static void refused(Runnable call) {
        Assertions.assertThrows(IllegalStateException.class, call::run);
    }

    @Test
    void changesAreCounted() {
        try (TensorArena step = backend.openStep()) {
            Buffer whole = step.allocate(DType.F32, 8);
            int before = whole.version();
            whole.slice(2, 3).markChanged();
            Assertions.assertEquals(before + 1, whole.version());
        }
    }

    /// With `-Dlethe.poison=true`, in a virtual machine of its own, memory comes full of NaN.
    @Test
    void poisonedMemoryIsFullOfNan() throws Exception {
        Assertions.assertEquals("unwritten: 0 of 268", PoisonProbe.run(getClass(), true));
        Assertions.assertEquals("unwritten: 268 of 268", PoisonProbe.run(getClass(), false));
    }

    final Backend openForProbe() {
        return open();
    }
}
