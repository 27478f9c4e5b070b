package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.Buffer;
import jcuda.driver.CUdeviceptr;

/// An address in device memory as JCuda wants it, for the driver and for the libraries.
final class DevicePointer extends CUdeviceptr {
    private DevicePointer(long address) {
        super(new CUdeviceptr(), address);
    }

    static DevicePointer to(long address) {
        return new DevicePointer(address);
    }

    static DevicePointer to(Buffer buffer) {
        return new DevicePointer(buffer.address());
    }

    /// Where an allocation of the driver's begins.
    static long address(CUdeviceptr allocated) {
        return new Reader(allocated).value();
    }

    private static final class Reader extends CUdeviceptr {
        Reader(CUdeviceptr allocated) {
            super(allocated);
        }

        long value() {
            return getNativePointer() + getByteOffset();
        }
    }
}
