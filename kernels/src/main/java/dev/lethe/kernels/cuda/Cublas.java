package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.BlockSource.Block;
import dev.lethe.engine.memory.DType;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;

/// cuBLAS on the device's stream, with a workspace of its own: what it takes from the driver by
/// itself would depend on the calls before, and could not be captured into a graph.
final class Cublas implements AutoCloseable {
    /// NVIDIA's advice, for devices of compute capability 9.0 on and for older ones.
    private static final long WORKSPACE_BYTES = 32L << 20;

    private static final long OLDER_WORKSPACE_BYTES = 4L << 20;

    /// No TF32; and sums of BF16 products that several blocks share are joined in F32, too.
    private static final int MATH =
            cublasMath.CUBLAS_DEFAULT_MATH
                    | cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;

    private static final Pointer ONE_F32 = Pointer.to(new float[] {1});
    private static final Pointer ZERO_F32 = Pointer.to(new float[] {0});
    private static final Pointer ONE_F64 = Pointer.to(new double[] {1});
    private static final Pointer ZERO_F64 = Pointer.to(new double[] {0});

    private final CudaDevice device;
    private final DeviceBlocks blocks;
    private final cublasHandle handle = new cublasHandle();
    private final Block workspace;

    Cublas(CudaDevice device, DeviceBlocks blocks) {
        this.device = device;
        this.blocks = blocks;
        device.enter();
        CudaStatus.blas(JCublas2.cublasCreate(handle), "cublasCreate", "open device");
        CudaStatus.blas(
                JCublas2.cublasSetStream(handle, device.libraryStream()),
                "cublasSetStream",
                "open device");
        // After the stream, which resets it.
        workspace =
                blocks.allocate(
                        device.capability() < 90 ? OLDER_WORKSPACE_BYTES : WORKSPACE_BYTES);
        CudaStatus.blas(
                JCublas2.cublasSetWorkspace(
                        handle, DevicePointer.to(workspace.address()), workspace.bytes()),
                "cublasSetWorkspace",
                "open device");
        CudaStatus.blas(
                JCublas2.cublasSetMathMode(handle, MATH),
                "cublasSetMathMode",
                "open device");
    }

    /// One operand: row-major `[rows, columns]` at `address`, `stride` elements to the next of a
    /// batch.
    record Matrix(long address, DType dtype, int columns, long stride, boolean transposed) {}

    /// `c = a b`, or `c += a b`, `batch` times: `a [m,k]`, `b [k,n]`, `c [m,n]`, row-major, of one
    /// type, or c F32 where a and b are BF16. Adds up in F32, or F64 for F64.
    ///
    /// Row-major matrices are their own transposes in column-major order, so cuBLAS is asked for
    /// `c^T = b^T a^T`: operands change places and m and n with them.
    void multiply(Shape shape, Matrix a, Matrix b, Matrix c, boolean accumulate) {
        boolean wide = c.dtype == DType.F64;
        Pointer one = wide ? ONE_F64 : ONE_F32;
        Pointer zero = wide ? ZERO_F64 : ZERO_F32;
        synchronized (device) {
            device.enter();
            int status =
                    JCublas2.cublasGemmStridedBatchedEx_new(
                            handle,
                            operation(b),
                            operation(a),
                            shape.n,
                            shape.m,
                            shape.k,
                            one,
                            DevicePointer.to(b.address),
                            dataType(b.dtype),
                            b.columns,
                            b.stride,
                            DevicePointer.to(a.address),
                            dataType(a.dtype),
                            a.columns,
                            a.stride,
                            accumulate ? one : zero,
                            DevicePointer.to(c.address),
                            dataType(c.dtype),
                            c.columns,
                            c.stride,
                            shape.batch,
                            wide
                                    ? cublasComputeType.CUBLAS_COMPUTE_64F
                                    : cublasComputeType.CUBLAS_COMPUTE_32F,
                            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
            CudaStatus.blas(status, "cublasGemmStridedBatchedEx", shape);
        }
    }

    /// Dimensions of a product.
    record Shape(int batch, int m, int n, int k) {
        @Override
        public String toString() {
            return "matmul %d x [%d,%d] [%d,%d]".formatted(batch, m, k, k, n);
        }
    }

    private static int operation(Matrix matrix) {
        return matrix.transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    private static int dataType(DType dtype) {
        return switch (dtype) {
            case F32 -> cudaDataType.CUDA_R_32F;
            case F64 -> cudaDataType.CUDA_R_64F;
            case BF16 -> cudaDataType.CUDA_R_16BF;
            case I32 ->
                    throw new IllegalArgumentException(
                            "matmul: operands must be F32, F64 or BF16, got I32");
        };
    }

    String version() {
        int[] version = new int[1];
        CudaStatus.blas(
                JCublas2.cublasGetVersion(handle, version), "cublasGetVersion", "ask for versions");
        return "%d.%d.%d"
                .formatted(version[0] / 10000, version[0] / 100 % 100, version[0] % 100);
    }

    @Override
    public void close() {
        device.enter();
        CudaStatus.blas(JCublas2.cublasDestroy(handle), "cublasDestroy", "close device");
        blocks.free(workspace);
    }
}
