package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DeviceMemory;
import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.cudaStream_t;

/// The first device of this machine: its primary context and one stream for all work.
///
/// Work is put on the stream by one thread at a time: whoever submits holds the monitor of this
/// object, since libraries' handles and launch arguments are shared.
final class CudaDevice implements AutoCloseable {
    /// As the simulated device calls itself.
    private static final String SIMULATED = "Simulated";

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final String name;
    private final int capability;
    private Thread current; // whose context this is, as of the last call
    private boolean capturing;
    private boolean closed;

    CudaDevice() {
        CudaLibraries.load();
        CudaStatus.driver(JCudaDriver.cuInit(0), "cuInit", "open device");
        CudaStatus.driver(JCudaDriver.cuDeviceGet(device, 0), "cuDeviceGet", "open device");
        name = nameOf(device);
        capability =
                10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                        + attribute(
                                CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        CudaStatus.driver(
                JCudaDriver.cuDevicePrimaryCtxRetain(context, device),
                "cuDevicePrimaryCtxRetain",
                "open device");
        enter();
        CudaStatus.driver(
                JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
                "cuStreamCreate",
                "open device");
    }

    static String nameOf(CUdevice device) {
        byte[] bytes = new byte[256];
        CudaStatus.driver(
                JCudaDriver.cuDeviceGetName(bytes, bytes.length, device),
                "cuDeviceGetName",
                "open device");
        return new String(bytes, StandardCharsets.UTF_8).replaceFirst("\0.*", "").strip();
    }

    /// Makes the context current on this thread. Before every call of a library.
    synchronized void enter() {
        if (closed) {
            throw new IllegalStateException("the CUDA device is closed; open the backend anew");
        }
        // The answer of the thread's last call may be stale: another backend may have come between.
        if (current != Thread.currentThread()) {
            CudaStatus.driver(
                    JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent", "enter device");
            current = Thread.currentThread();
        }
    }

    /// From now on work is captured into a graph and not run. The caller holds the monitor until
    /// the end of it.
    void beginCapture(String what) {
        enter();
        CudaStatus.driver(
                JCudaDriver.cuStreamBeginCapture(
                        stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "cuStreamBeginCapture",
                what);
        capturing = true;
    }

    /// @return the status
    int endCapture(CUgraph graph) {
        capturing = false;
        return JCudaDriver.cuStreamEndCapture(stream, graph);
    }

    /// Before what would be done once, at the capture, and not at each replay.
    ///
    /// @param what for the error
    synchronized void requireOutsideCapture(Object what) {
        if (capturing) {
            throw new CudaException(
                    what
                            + ": expected work for the device alone while a graph is captured; copy and allocate before it");
        }
    }

    String name() {
        return name;
    }

    boolean isSimulated() {
        return name.startsWith(SIMULATED);
    }

    /// Compute capability times ten: 90 for 9.0.
    int capability() {
        return capability;
    }

    CUstream stream() {
        return stream;
    }

    /// The stream as cuBLAS and cuDNN want it.
    cudaStream_t libraryStream() {
        return new cudaStream_t(stream);
    }

    int attribute(int which) {
        int[] value = new int[1];
        CudaStatus.driver(
                JCudaDriver.cuDeviceGetAttribute(value, which, device),
                "cuDeviceGetAttribute",
                "open device");
        return value[0];
    }

    DeviceMemory memory() {
        enter();
        long[] available = new long[1];
        long[] total = new long[1];
        CudaStatus.driver(
                JCudaDriver.cuMemGetInfo(available, total), "cuMemGetInfo", "ask for memory");
        return new DeviceMemory(available[0], total[0]);
    }

    /// Zeroes a buffer that is not empty, in the order of the stream.
    ///
    /// @param what for the error
    synchronized void zero(Buffer buffer, Object what) {
        enter();
        CudaStatus.driver(
                JCudaDriver.cuMemsetD8Async(
                        DevicePointer.to(buffer), (byte) 0, buffer.bytes(), stream),
                "cuMemsetD8Async",
                what);
    }

    /// Waits until all that was submitted is done.
    ///
    /// @param what for the error
    void synchronize(Object what) {
        enter();
        CudaStatus.driver(
                JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize", what);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        enter();
        int status = JCudaDriver.cuStreamSynchronize(stream);
        JCudaDriver.cuStreamDestroy(stream);
        closed = true;
        // Also after a fault: the context's end is what repairs the device for the next one.
        CudaStatus.driver(
                JCudaDriver.cuDevicePrimaryCtxRelease(device),
                "cuDevicePrimaryCtxRelease",
                "close device");
        CudaStatus.driver(status, "cuStreamSynchronize", "close device");
    }
}
