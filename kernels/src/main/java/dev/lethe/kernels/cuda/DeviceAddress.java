package dev.lethe.kernels.cuda;

/// Device memory without a type, such as scratch: the argument of a kernel.
record DeviceAddress(long value) {
    DeviceAddress plus(long bytes) {
        return new DeviceAddress(value + bytes);
    }
}
