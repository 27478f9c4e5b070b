package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.memory.BlockSource.Block;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Storage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Cosines and sines of rotary positions in device memory, `[positions, 2, headDim / 2]`: a
/// position's cosines, then its sines, taken in F64 on the host and rounded once.
///
/// A position beyond a table has a longer one made, which copies from the host: not while a graph
/// is captured, so a step runs once before. The shorter ones stay, since captured launches read
/// them.
final class RopeTables implements AutoCloseable {
    private static final int LEAST_POSITIONS = 128;

    /// What a table is made for; `dtype` is that of its numbers.
    record Key(int headDim, double theta, DType dtype) {}

    private final CudaDevice device;
    private final DeviceBlocks blocks;
    private final PinnedStaging staging;
    private final Map<Key, Buffer> longest = new HashMap<>();
    private final List<Block> all = new ArrayList<>();

    RopeTables(CudaDevice device, DeviceBlocks blocks, PinnedStaging staging) {
        this.device = device;
        this.blocks = blocks;
        this.staging = staging;
    }

    /// A table of at least `positions` positions.
    Buffer upTo(int positions, Key key) {
        synchronized (device) {
            Buffer table = longest.get(key);
            long held = table == null ? 0 : table.length() / key.headDim();
            if (held < positions) {
                long length = Math.max(Math.max(positions, LEAST_POSITIONS), 2 * held);
                table = make(Math.toIntExact(length), key);
                longest.put(key, table);
            }
            return table;
        }
    }

    private Buffer make(int positions, Key key) {
        long count = (long) positions * key.headDim();
        Block block = blocks.allocate(count * key.dtype().bytes());
        all.add(block);
        Storage storage = new Storage(block.address(), block.bytes());
        Buffer table = new Buffer(storage, key.dtype(), 0, count);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(table.bytes(), 64);
            fill(host, positions, key);
            staging.upload(host, table);
        }
        return table;
    }

    private static void fill(MemorySegment host, int positions, Key key) {
        int half = key.headDim() / 2;
        for (int position = 0; position < positions; position++) {
            for (int j = 0; j < half; j++) {
                double angle = RopeKernels.angle(position, j, key.headDim(), key.theta());
                long at = 2L * position * half + j;
                set(host, key.dtype(), at, StrictMath.cos(angle));
                set(host, key.dtype(), at + half, StrictMath.sin(angle));
            }
        }
    }

    private static void set(MemorySegment host, DType dtype, long index, double value) {
        if (dtype == DType.F64) {
            host.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
        } else {
            host.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
        }
    }

    @Override
    public void close() {
        synchronized (device) {
            all.forEach(blocks::free);
            all.clear();
            longest.clear();
        }
    }
}
