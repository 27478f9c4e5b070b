package dev.lethe.engine.memory;

/// Where a backend gets its raw memory: the host's heap or a device's.
public interface BlockSource extends AutoCloseable {
    /// A block of at least `bytes` bytes, aligned to 64, contents undefined.
    Block allocate(long bytes);

    void free(Block block);

    @Override
    void close();

    /// Address and size of one allocation.
    record Block(long address, long bytes) {}
}
