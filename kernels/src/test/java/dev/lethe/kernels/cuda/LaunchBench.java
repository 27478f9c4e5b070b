package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.BlockSource.Block;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Storage;
import dev.lethe.kernels.cuda.KernelSource.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// The parts of the column below the backend, for launching kernels of tests: device, memory,
/// copies, compiler.
final class LaunchBench implements AutoCloseable {
    private final CudaDevice device = new CudaDevice();
    private final DeviceBlocks blocks = new DeviceBlocks(device);
    private final PinnedStaging staging = new PinnedStaging(device);
    private final KernelLauncher launcher;
    private boolean broken;

    /// @param folder for what is compiled
    LaunchBench(Path folder) {
        launcher = new KernelLauncher(device, new PtxCache(folder));
    }

    /// A buffer with contents undefined.
    Buffer buffer(DType dtype, int length) {
        Block block = blocks.allocate((long) dtype.bytes() * length);
        return new Buffer(new Storage(block.address(), block.bytes()), dtype, 0, length);
    }

    Buffer floats(float... values) {
        return uploaded(buffer(DType.F32, values.length), MemorySegment.ofArray(values));
    }

    Buffer ints(int... values) {
        return uploaded(buffer(DType.I32, values.length), MemorySegment.ofArray(values));
    }

    /// BF16 numbers, each rounded to nearest.
    Buffer bfloats(float... values) {
        short[] bits = new short[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = BFloat16.of(values[i]);
        }
        return uploaded(buffer(DType.BF16, bits.length), MemorySegment.ofArray(bits));
    }

    private Buffer uploaded(Buffer buffer, MemorySegment values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(values.byteSize(), 64).copyFrom(values);
            staging.upload(host, buffer);
            return buffer;
        }
    }

    /// Contents of an F32 or a BF16 buffer.
    float[] read(Buffer buffer) {
        if (buffer.dtype() == DType.F32) {
            return download(buffer).toArray(ValueLayout.JAVA_FLOAT);
        }
        short[] bits = download(buffer).toArray(ValueLayout.JAVA_SHORT);
        float[] values = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = BFloat16.toFloat(bits[i]);
        }
        return values;
    }

    int[] readInts(Buffer buffer) {
        return download(buffer).toArray(ValueLayout.JAVA_INT);
    }

    private MemorySegment download(Buffer buffer) {
        MemorySegment host = MemorySegment.ofArray(new long[(int) (buffer.bytes() + 7) / 8]);
        MemorySegment values = host.asSlice(0, buffer.bytes());
        staging.download(buffer, values);
        return values;
    }

    void launch(Kernel kernel, DType element, Grid grid, Object... arguments) {
        launcher.launch(kernel, element, grid, arguments);
    }

    /// What a launch that must break the device is refused with.
    String fault(Kernel kernel, DType element, Grid grid, Object... arguments) {
        broken = true;
        return assertThrows(
                        CudaException.class,
                        () -> launcher.launch(kernel, element, grid, arguments))
                .getMessage();
    }

    /// A broken device answers every call with its fault, until its context has gone.
    @Override
    public void close() {
        if (broken) {
            String message = assertThrows(CudaException.class, device::close).getMessage();
            assertTrue(message.contains("cuStreamSynchronize"), message);
        } else {
            launcher.close();
            staging.close();
            blocks.close();
            device.close();
        }
    }
}
