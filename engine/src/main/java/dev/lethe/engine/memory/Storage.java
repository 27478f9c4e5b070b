package dev.lethe.engine.memory;

/// One allocation: an address on the host or a device, alive until its arena closes or takes it back.
///
/// `version` counts the writes made after creation (an optimizer step, a loaded checkpoint), so that
/// a backward pass can tell that a value it relies on was changed since the forward pass.
public final class Storage {
    private final long address;
    private final long bytes;
    private volatile boolean live = true;
    private volatile int version;

    public Storage(long address, long bytes) {
        this.address = address;
        this.bytes = bytes;
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    public boolean isLive() {
        return live;
    }

    /// Called by the owning arena when it closes or takes the memory back.
    public void release() {
        live = false;
    }

    /// Called by the owning arena when it hands the same memory out again, a step later. The version
    /// goes on counting.
    public void revive() {
        live = true;
    }

    public int version() {
        return version;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer by contract
    void changed() {
        version++;
    }
}
