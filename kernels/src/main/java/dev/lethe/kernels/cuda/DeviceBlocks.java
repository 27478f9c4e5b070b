package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.BlockSource;
import dev.lethe.engine.memory.DeviceMemory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// Device memory for the engine's pool. Blocks that come back are kept, since giving them to the
/// driver would wait for the device; they are taken again by a request of the same size, and given
/// up all together when memory runs out.
///
/// One stream uses all blocks, so one that is freed and taken again needs no wait. The device's
/// monitor guards everything, as it guards the stream.
final class DeviceBlocks implements BlockSource {
    /// Requests are rounded up to it: what the driver aligns to, and cuBLAS's workspace needs.
    private static final long GRAIN = 512;

    private final CudaDevice device;
    private final Map<Long, Long> taken = new HashMap<>(); // address -> bytes
    private final Deque<Block> kept = new ArrayDeque<>();

    DeviceBlocks(CudaDevice device) {
        this.device = device;
    }

    @Override
    public Block allocate(long bytes) {
        long size = Math.max(GRAIN, (bytes + GRAIN - 1) / GRAIN * GRAIN);
        synchronized (device) {
            device.requireOutsideCapture("allocate %d bytes".formatted(size));
            Block block = takeKept(size);
            if (block == null) {
                block = new Block(reserve(size), size);
            }
            taken.put(block.address(), block.bytes());
            return block;
        }
    }

    private Block takeKept(long size) {
        for (Iterator<Block> blocks = kept.iterator(); blocks.hasNext(); ) {
            Block block = blocks.next();
            if (block.bytes() == size) {
                blocks.remove();
                return block;
            }
        }
        return null;
    }

    private long reserve(long size) {
        device.enter();
        CUdeviceptr pointer = new CUdeviceptr();
        int status = JCudaDriver.cuMemAlloc(pointer, size);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY && !kept.isEmpty()) {
            giveUpKept();
            status = JCudaDriver.cuMemAlloc(pointer, size);
        }
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw outOfMemory(size);
        }
        CudaStatus.driver(status, "cuMemAlloc", "allocate %d bytes".formatted(size));
        return DevicePointer.address(pointer);
    }

    private OutOfMemoryError outOfMemory(long size) {
        DeviceMemory memory = device.memory();
        return new OutOfMemoryError(
                ("device memory: %s were asked for, %s of %s are free and %s are in use here; use"
                                + " smaller micro-batches or end what else runs on the device")
                        .formatted(
                                mebibytes(size),
                                mebibytes(memory.freeBytes()),
                                mebibytes(memory.totalBytes()),
                                mebibytes(takenBytes())));
    }

    private static String mebibytes(long bytes) {
        return "%.1f MiB".formatted(bytes / 0x1p20);
    }

    @Override
    public void free(Block block) {
        synchronized (device) {
            if (taken.remove(block.address()) == null) {
                throw new IllegalStateException(
                        "free: the block at %x is not taken; free each block once"
                                .formatted(block.address()));
            }
            kept.push(block);
        }
    }

    /// Blocks that were taken and not freed: zero when nothing leaks.
    int takenBlocks() {
        synchronized (device) {
            return taken.size();
        }
    }

    private long takenBytes() {
        return taken.values().stream().mapToLong(Long::longValue).sum();
    }

    private void giveUpKept() {
        while (!kept.isEmpty()) {
            release(kept.pop().address());
        }
    }

    private void release(long address) {
        CudaStatus.driver(
                JCudaDriver.cuMemFree(DevicePointer.to(address)), "cuMemFree", "free a block");
    }

    /// Gives everything to the driver, what is still taken too.
    @Override
    public void close() {
        synchronized (device) {
            device.enter();
            giveUpKept();
            taken.keySet().forEach(this::release);
            taken.clear();
        }
    }
}
