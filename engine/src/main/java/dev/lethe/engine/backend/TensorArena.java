package dev.lethe.engine.backend;

import dev.lethe.engine.memory.BlockPool;
import dev.lethe.engine.memory.BlockSource.Block;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.HostBlocks;
import dev.lethe.engine.memory.Storage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Bump allocation with one end of life for everything in it.
///
/// A *step* arena is opened by try-with-resources, is the current arena of its thread until it
/// closes, and takes its memory from the backend's pool: what a training step makes lives there. A
/// *long-lived* arena (parameters, optimizer state) is never current and returns its memory when it
/// closes. Arenas of one thread close in the reverse order of opening. Not thread-safe.
///
/// With `-Dlethe.poison=true` floating-point memory is handed out full of NaN, so that a kernel that
/// reads what nobody wrote is seen.
public final class TensorArena implements AutoCloseable {
    private static final boolean POISON = Boolean.getBoolean("lethe.poison");
    private static final long MOST_ELEMENTS = 1L << 56; // more than any machine has, and no overflow
    private static final ThreadLocal<Deque<TensorArena>> OPEN =
            ThreadLocal.withInitial(ArrayDeque::new);

    private final Backend backend;
    private final boolean step;
    private final List<Block> blocks = new ArrayList<>();
    private final List<Storage> storages = new ArrayList<>();
    private long position; // bytes used of the last block
    private long usedBytes;
    private boolean closed;

    private TensorArena(Backend backend, boolean step) {
        this.backend = backend;
        this.step = step;
        backend.memory().arenaOpened();
    }

    static TensorArena openStep(Backend backend) {
        TensorArena arena = new TensorArena(backend, true);
        OPEN.get().push(arena);
        return arena;
    }

    static TensorArena openLongLived(Backend backend) {
        return new TensorArena(backend, false);
    }

    /// The innermost step arena of this thread, where an operation puts its result.
    ///
    /// @param operation who asks, for the error
    public static TensorArena current(String operation) {
        TensorArena arena = OPEN.get().peek();
        if (arena == null) {
            throw new IllegalStateException(
                    operation
                            + ": no arena is open on this thread; wrap the work in"
                            + " try (var step = backend.openStep()) { ... }");
        }
        return arena;
    }

    public Backend backend() {
        return backend;
    }

    /// `length` elements, contents undefined, aligned to 64 bytes.
    public Buffer allocate(DType dtype, long length) {
        if (closed) {
            throw new IllegalStateException("allocate: this arena is closed; open a new one");
        }
        if (length < 0 || length > MOST_ELEMENTS) {
            throw new IllegalArgumentException(
                    "allocate: expected 0 to %d elements, got %d; use smaller shapes"
                            .formatted(MOST_ELEMENTS, length));
        }
        if (!backend.supports(dtype)) {
            throw new IllegalArgumentException(
                    ("allocate: expected a type that the %s backend has (F32, F64, I32), got %s;"
                                    + " use --dtype f32, or --device reference")
                            .formatted(backend.name(), dtype));
        }
        long bytes = align(length * dtype.bytes());
        if (blocks.isEmpty() || position + bytes > blocks.getLast().bytes()) {
            grow(bytes);
        }
        Storage storage = new Storage(blocks.getLast().address() + position, bytes);
        storages.add(storage);
        position += bytes;
        usedBytes += bytes;
        Buffer buffer = new Buffer(storage, dtype, 0, length);
        if (POISON && dtype.isFloating()) {
            backend.elementwise().fill(Double.NaN, buffer);
        }
        return buffer;
    }

    private void grow(long bytes) {
        BlockPool pool = backend.memory();
        if (step) {
            long held = blocks.stream().mapToLong(Block::bytes).sum();
            long wanted = blocks.isEmpty() ? pool.expectedStepBytes() : held;
            blocks.add(pool.acquire(Math.max(bytes, wanted)));
        } else {
            blocks.add(pool.reserve(bytes));
        }
        position = 0;
    }

    private static long align(long bytes) {
        return Math.max(HostBlocks.ALIGNMENT, (bytes + HostBlocks.ALIGNMENT - 1) & -HostBlocks.ALIGNMENT);
    }

    /// Bytes handed out so far.
    public long usedBytes() {
        return usedBytes;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (step) {
            Deque<TensorArena> open = OPEN.get();
            if (open.peek() != this) {
                throw new IllegalStateException(
                        open.contains(this)
                                ? "close: an arena opened later is still open; close arenas in the"
                                        + " reverse order of opening"
                                : "close: a step arena must be closed by the thread that opened it");
            }
            open.pop();
        }
        closed = true;
        storages.forEach(Storage::release);
        storages.clear();
        if (step) {
            backend.memory().giveBack(blocks, blocks.size());
        } else {
            blocks.forEach(backend.memory()::discard);
        }
        blocks.clear();
        backend.memory().arenaClosed();
    }
}
