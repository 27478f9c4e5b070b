package dev.lethe.engine.memory;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Off-heap host memory, aligned to a cache line so that vector loads never straddle two.
public final class HostBlocks implements BlockSource {
    /// Bytes of a cache line and of the widest vector register.
    public static final int ALIGNMENT = 64;

    private final Map<Long, Arena> owners = new ConcurrentHashMap<>();

    @Override
    public Block allocate(long bytes) {
        Arena owner = Arena.ofShared();
        try {
            long address = owner.allocate(Math.max(bytes, ALIGNMENT), ALIGNMENT).address();
            owners.put(address, owner);
            return new Block(address, Math.max(bytes, ALIGNMENT));
        } catch (OutOfMemoryError e) {
            owner.close();
            OutOfMemoryError clear =
                    new OutOfMemoryError(
                            "%d MiB of off-heap memory were asked for and refused; use smaller"
                                            .formatted(bytes >> 20)
                                    + " micro-batches or raise -XX:MaxDirectMemorySize");
            clear.initCause(e);
            throw clear;
        }
    }

    @Override
    public void free(Block block) {
        owners.remove(block.address()).close();
    }

    @Override
    public void close() {
        owners.values().forEach(Arena::close);
        owners.clear();
    }
}
