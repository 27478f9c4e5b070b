package dev.lethe.kernels.cuda;

/// Device memory without a type, such as scratch: the argument of a kernel.
record DeviceAddress(long value) {
    /// Where nothing is given.
    static final DeviceAddress NONE = new DeviceAddress(0);

    DeviceAddress plus(long bytes) {
        return new DeviceAddress(value + bytes);
    }
}
