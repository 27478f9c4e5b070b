package dev.lethe.engine.memory;

/// A typed run of elements inside a [Storage]: what kernels read and write.
///
/// The address may lie on the host or on a device; only the backend that made it may follow it.
public final class Buffer {
    private final Storage storage;
    private final DType dtype;
    private final long offset; // elements from the start of the storage
    private final long length;

    public Buffer(Storage storage, DType dtype, long offset, long length) {
        // Not as a sum, which may overflow.
        if (offset < 0 || length < 0 || length > storage.bytes() / dtype.bytes() - offset) {
            throw new IllegalArgumentException(
                    "buffer of %d %s at element %d does not fit a storage of %d bytes"
                            .formatted(length, dtype, offset, storage.bytes()));
        }
        this.storage = storage;
        this.dtype = dtype;
        this.offset = offset;
        this.length = length;
    }

    /// The part of `count` elements that starts at element `from`; shares memory and version.
    public Buffer slice(long from, long count) {
        if (from < 0 || count < 0 || count > length - from) {
            throw new IllegalArgumentException(
                    "slice [%d, %d) lies outside a buffer of %d elements"
                            .formatted(from, from + count, length));
        }
        return new Buffer(storage, dtype, offset + from, count);
    }

    /// The same bytes as elements of another type; shares memory and version.
    public Buffer as(DType other) {
        long start = offset * dtype.bytes();
        if (start % other.bytes() != 0 || bytes() % other.bytes() != 0) {
            throw new IllegalArgumentException(
                    "%d bytes at byte %d are no whole elements of %s; slice others"
                            .formatted(bytes(), start, other));
        }
        return new Buffer(storage, other, start / other.bytes(), bytes() / other.bytes());
    }

    /// Address of the first element, in bytes. Fails once the owning arena is closed.
    public long address() {
        if (!storage.isLive()) {
            throw new IllegalStateException(
                    ("a %s buffer of %d elements was used after its arena closed or a backward pass"
                                    + " used it up; copy what must outlive that into a long-lived arena")
                            .formatted(dtype, length));
        }
        return storage.address() + offset * dtype.bytes();
    }

    /// The allocation that this is a part of.
    public Storage storage() {
        return storage;
    }

    public DType dtype() {
        return dtype;
    }

    /// Number of elements.
    public long length() {
        return length;
    }

    public long bytes() {
        return length * dtype.bytes();
    }

    public boolean isLive() {
        return storage.isLive();
    }

    public int version() {
        return storage.version();
    }

    /// States that the contents were changed in place.
    public void markChanged() {
        storage.changed();
    }
}
