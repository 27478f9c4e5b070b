package dev.lethe.kernels.cpu;

/// One F64 a row in off-heap scratch.
record RowNumbers(long address) {
    static long bytes(int rows) {
        return (long) rows * Double.BYTES;
    }

    void clear(int rows) {
        HostMemory.zero(address, bytes(rows));
    }

    double get(int row) {
        return HostMemory.f64(address + (long) row * Double.BYTES);
    }

    void set(int row, double value) {
        HostMemory.f64(address + (long) row * Double.BYTES, value);
    }
}
