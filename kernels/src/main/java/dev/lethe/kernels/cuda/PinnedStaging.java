package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.Buffer;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// Copies between host and device through page-locked memory, in pieces: the device copies from and
/// to it directly, whatever memory the caller has.
///
/// An upload returns when its bytes are staged: the stream's order makes them visible to all later
/// work. A piece is filled again when the device is done with it.
final class PinnedStaging implements AutoCloseable {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int PIECES = 8; // how many small uploads the host may go ahead

    private final CudaDevice device;
    private final Piece[] pieces = new Piece[PIECES];
    private int turn;

    PinnedStaging(CudaDevice device) {
        this.device = device;
        device.enter();
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = Piece.open();
        }
    }

    private record Piece(Pointer pointer, MemorySegment host, CUevent copied) {
        static Piece open() {
            Pointer pointer = new Pointer();
            CudaStatus.driver(
                    JCudaDriver.cuMemAllocHost(pointer, PIECE_BYTES),
                    "cuMemAllocHost",
                    "open device");
            CUevent copied = new CUevent();
            CudaStatus.driver(
                    JCudaDriver.cuEventCreate(copied, CUevent_flags.CU_EVENT_DISABLE_TIMING),
                    "cuEventCreate",
                    "open device");
            MemorySegment host = MemorySegment.ofBuffer(pointer.getByteBuffer(0, PIECE_BYTES));
            return new Piece(pointer, host, copied);
        }

        /// Until the device is done with it, which it mostly is.
        void await(Object what) {
            if (JCudaDriver.cuEventQuery(copied) != CUresult.CUDA_SUCCESS) {
                CudaStatus.driver(
                        JCudaDriver.cuEventSynchronize(copied), "cuEventSynchronize", what);
            }
        }
    }

    void upload(MemorySegment source, Buffer target) {
        long address = target.address();
        Copy what = new Copy("upload", target);
        synchronized (device) {
            device.requireOutsideCapture(what);
            device.enter();
            for (long at = 0; at < source.byteSize(); at += PIECE_BYTES) {
                long bytes = Math.min(PIECE_BYTES, source.byteSize() - at);
                Piece piece = pieces[turn++ % pieces.length];
                piece.await(what);
                MemorySegment.copy(source, at, piece.host, 0, bytes);
                CudaStatus.driver(
                        JCudaDriver.cuMemcpyHtoDAsync(
                                DevicePointer.to(address + at),
                                piece.pointer,
                                bytes,
                                device.stream()),
                        "cuMemcpyHtoDAsync",
                        what);
                CudaStatus.driver(
                        JCudaDriver.cuEventRecord(piece.copied, device.stream()),
                        "cuEventRecord",
                        what);
            }
        }
    }

    void download(Buffer source, MemorySegment target) {
        long address = source.address();
        Copy what = new Copy("download", source);
        synchronized (device) {
            device.requireOutsideCapture(what);
            device.enter();
            for (long at = 0; at < target.byteSize(); at += PIECE_BYTES) {
                long bytes = Math.min(PIECE_BYTES, target.byteSize() - at);
                Piece piece = pieces[turn++ % pieces.length];
                CudaStatus.driver(
                        JCudaDriver.cuMemcpyDtoHAsync(
                                piece.pointer,
                                DevicePointer.to(address + at),
                                bytes,
                                device.stream()),
                        "cuMemcpyDtoHAsync",
                        what);
                device.synchronize(what); // all uploads before it, too
                MemorySegment.copy(piece.host, 0, target, at, bytes);
            }
        }
    }

    private record Copy(String name, Buffer buffer) {
        @Override
        public String toString() {
            return "%s of %d %s".formatted(name, buffer.length(), buffer.dtype());
        }
    }

    @Override
    public void close() {
        device.enter();
        for (Piece piece : pieces) {
            CudaStatus.driver(
                    JCudaDriver.cuEventDestroy(piece.copied), "cuEventDestroy", "close device");
            CudaStatus.driver(
                    JCudaDriver.cuMemFreeHost(piece.pointer), "cuMemFreeHost", "close device");
        }
    }
}
