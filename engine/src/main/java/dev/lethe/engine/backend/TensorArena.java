package dev.lethe.engine.backend;

import dev.lethe.engine.memory.BlockPool;
import dev.lethe.engine.memory.BlockSource.Block;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.HostBlocks;
import dev.lethe.engine.memory.Storage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/// Bump allocation with one end of life for everything in it but what is [#giveBack]ed before.
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
    /// Bytes from which on a step arena grows by a sixteenth and no longer to twice its size: a
    /// first step must fit the device too.
    private static final long FINE_GROWTH = 1L << 20;

    private static final int FINER = 16;

    private static final long MOST_ELEMENTS = 1L << 56; // more than any machine has, and no overflow
    private static final AtomicLong OPENINGS = new AtomicLong();
    private static final ThreadLocal<Deque<TensorArena>> OPEN =
            ThreadLocal.withInitial(ArrayDeque::new);

    private final Backend backend;
    private final boolean step;
    private final boolean borrowed; // one block, which is the caller's
    private final List<Block> blocks = new ArrayList<>();
    private final Returned returned = new Returned();
    private Buffer[] buffers = new Buffer[64]; // handed out, in order; behind them the last opening's
    private Object[] attached = new Object[64]; // to each buffer
    private int count; // buffers handed out since the arena was opened
    private long opening; // 0 the first time, then a number of its own each time
    private long home; // address of the first block when the arena was last closed
    private long[] positions = new long[8]; // bytes used of each block
    private long usedBytes;
    private boolean closed;

    private TensorArena(Backend backend, boolean step, boolean borrowed) {
        this.backend = backend;
        this.step = step;
        this.borrowed = borrowed;
        if (!borrowed) {
            backend.memory().arenaOpened();
        }
    }

    static TensorArena openStep(Backend backend) {
        TensorArena arena = new TensorArena(backend, true, false);
        OPEN.get().push(arena);
        return arena;
    }

    /// A step arena in memory that is the caller's, before and after: what the same work allocates
    /// in it has the same addresses every time. It asks nothing of the backend's pool.
    ///
    /// @param block as large as [#usedBytes] of an arena that had the same work; it does not grow
    public static TensorArena openWithin(Backend backend, Block block) {
        TensorArena arena = new TensorArena(backend, true, true);
        arena.blocks.add(block);
        OPEN.get().push(arena);
        return arena;
    }

    /// Opens a closed step arena again, for a step like the one before. What asks for the same memory
    /// in the same order gets the buffers of the step before, and what was [#attach]ed to them, so
    /// that a steady state makes no garbage. In return a tensor kept from a closed step is seen to be
    /// dead only until the next step comes to the place where it was made.
    ///
    /// @return this
    public TensorArena reopen() {
        if (!closed || !step) {
            throw new IllegalStateException(
                    "reopen: expected a step arena that is closed, got %s; close it first"
                            .formatted(closed ? "a long-lived one" : "an open one"));
        }
        backend.memory().arenaOpened();
        closed = false;
        usedBytes = 0;
        opening = OPENINGS.incrementAndGet();
        OPEN.get().push(this);
        return this;
    }

    /// Which opening this is: 0 for an arena that was never reopened, else a number that no other
    /// opening has.
    public long opening() {
        return opening;
    }

    /// Leaves a handle with the buffer last handed out, for [#attached] at the same place of the next
    /// step. Only a reopened arena keeps it.
    public void attach(Object handle) {
        if (opening > 0) {
            attached[count - 1] = handle;
        }
    }

    /// What an earlier step attached to the buffer last handed out; null where that is another.
    public Object attached() {
        return attached[count - 1];
    }

    static TensorArena openLongLived(Backend backend) {
        return new TensorArena(backend, false, false);
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
        long address = returned.take(bytes);
        if (address == 0) {
            int at = withRoom(bytes);
            address = blocks.get(at).address() + positions[at];
            positions[at] += bytes;
            usedBytes += bytes;
        }
        Buffer buffer = handOut(address, bytes, dtype, length);
        if (POISON && dtype.isFloating()) {
            backend.elementwise().fill(Double.NaN, buffer);
        }
        return buffer;
    }

    /// The first block whose end is free for so many bytes: what was too small for a large tensor
    /// still holds small ones.
    private int withRoom(long bytes) {
        for (int i = 0; i < blocks.size(); i++) {
            if (positions[i] + bytes <= blocks.get(i).bytes()) {
                return i;
            }
        }
        grow(bytes);
        return blocks.size() - 1;
    }

    private Buffer handOut(long address, long bytes, DType dtype, long length) {
        if (count == buffers.length) {
            buffers = Arrays.copyOf(buffers, 2 * count);
            attached = Arrays.copyOf(attached, 2 * count);
        }
        Buffer before = buffers[count];
        if (before != null
                && before.storage().address() == address
                && before.storage().bytes() == bytes
                && before.dtype() == dtype
                && before.length() == length) {
            before.storage().revive();
        } else {
            buffers[count] = new Buffer(new Storage(address, bytes), dtype, 0, length);
            attached[count] = null;
        }
        return buffers[count++];
    }

    /// Whether this arena handed the storage out.
    public boolean owns(Storage storage) {
        for (int i = 0; i < blocks.size(); i++) { // an iterator each time would be garbage
            Block block = blocks.get(i);
            long offset = storage.address() - block.address();
            if (offset >= 0 && offset < block.bytes()) {
                return true;
            }
        }
        return false;
    }

    /// Takes back what nobody will read any more; the next allocation of its size gets it, while it is
    /// still in the processor's cache. Every buffer of the storage is dead from now on.
    public void giveBack(Storage storage) {
        if (!storage.isLive() || !owns(storage)) {
            throw new IllegalArgumentException(
                    "giveBack: expected a live storage of this arena, got one of %d bytes that %s"
                            .formatted(
                                    storage.bytes(),
                                    storage.isLive() ? "another made" : "was given back before"));
        }
        storage.release();
        returned.put(storage.address(), storage.bytes());
    }

    /// A moment in the life of this arena, for [#giveBackSince].
    public int mark() {
        return count;
    }

    /// Gives back what was handed out since a moment and is not to be kept.
    public void giveBackSince(int mark, Predicate<Storage> keep) {
        for (int i = mark; i < count; i++) {
            Storage storage = buffers[i].storage();
            if (storage.isLive() && !keep.test(storage)) {
                giveBack(storage);
            }
        }
    }

    private void grow(long bytes) {
        if (borrowed) {
            throw new IllegalStateException(
                    "allocate: %d bytes more were asked for than fit this arena's block of %d bytes; open one as large as the same work used before"
                            .formatted(bytes, blocks.getFirst().bytes()));
        }
        BlockPool pool = backend.memory();
        if (step) {
            long held = 0;
            for (int i = 0; i < blocks.size(); i++) {
                held += blocks.get(i).bytes();
            }
            long more = held < FINE_GROWTH ? held : held / FINER;
            long wanted = blocks.isEmpty() ? pool.expectedStepBytes() : more;
            blocks.add(pool.acquire(Math.max(bytes, wanted), blocks.isEmpty() ? home : 0));
        } else {
            blocks.add(pool.reserve(bytes));
        }
        if (blocks.size() > positions.length) {
            positions = Arrays.copyOf(positions, 2 * positions.length);
        }
        positions[blocks.size() - 1] = 0;
    }

    private static long align(long bytes) {
        return Math.max(HostBlocks.ALIGNMENT, (bytes + HostBlocks.ALIGNMENT - 1) & -HostBlocks.ALIGNMENT);
    }

    /// Bytes of this arena's blocks that were ever handed out.
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
        for (int i = 0; i < count; i++) {
            buffers[i].storage().release();
        }
        count = 0;
        returned.clear();
        if (borrowed) {
            blocks.clear();
            return;
        }
        if (step) {
            home = blocks.isEmpty() ? 0 : blocks.getFirst().address();
            backend.memory().giveBack(blocks, blocks.size(), usedBytes);
        } else {
            blocks.forEach(backend.memory()::discard);
        }
        blocks.clear();
        backend.memory().arenaClosed();
    }

    /// Memory given back, by size, the latest first. Sizes are few.
    private static final class Returned {
        private long[] sizes = new long[8];
        private long[][] addresses = new long[8][];
        private int[] counts = new int[8];
        private int known;

        /// An address, or 0.
        long take(long bytes) {
            int at = find(bytes);
            return at < 0 || counts[at] == 0 ? 0 : addresses[at][--counts[at]];
        }

        void put(long address, long bytes) {
            int at = find(bytes);
            if (at < 0) {
                at = add(bytes);
            }
            if (counts[at] == addresses[at].length) {
                addresses[at] = Arrays.copyOf(addresses[at], 2 * counts[at]);
            }
            addresses[at][counts[at]++] = address;
        }

        /// What was given back belongs to a block that is gone; sizes stay known.
        void clear() {
            Arrays.fill(counts, 0);
        }

        private int find(long bytes) {
            for (int i = 0; i < known; i++) {
                if (sizes[i] == bytes) {
                    return i;
                }
            }
            return -1;
        }

        private int add(long bytes) {
            if (known == sizes.length) {
                sizes = Arrays.copyOf(sizes, 2 * known);
                addresses = Arrays.copyOf(addresses, 2 * known);
                counts = Arrays.copyOf(counts, 2 * known);
            }
            sizes[known] = bytes;
            addresses[known] = new long[8];
            return known++;
        }
    }
}
