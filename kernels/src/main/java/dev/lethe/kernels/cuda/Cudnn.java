package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.DType;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnIndicesType;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnOpTensorDescriptor;
import jcuda.jcudnn.cudnnOpTensorOp;
import jcuda.jcudnn.cudnnReduceTensorDescriptor;
import jcuda.jcudnn.cudnnReduceTensorIndices;
import jcuda.jcudnn.cudnnReduceTensorOp;
import jcuda.jcudnn.cudnnSoftmaxAlgorithm;
import jcuda.jcudnn.cudnnSoftmaxMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/// cuDNN on the device's stream: the calls that this column makes, on contiguous arrays that are
/// seen as [outer, length, inner]. NaN propagates everywhere; F32 computes in F32, F64 in F64. BF16
/// is documented for op-tensor alone, which computes it in F32.
///
/// Counts are those of cuDNN: below 2^31 elements a call.
final class Cudnn implements AutoCloseable {
    private final CudaDevice device;
    private final DeviceScratch scratch;
    private final cudnnHandle handle = new cudnnHandle();
    private final cudnnTensorDescriptor input = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor output = new cudnnTensorDescriptor();
    private final cudnnOpTensorDescriptor operation = new cudnnOpTensorDescriptor();
    private final cudnnReduceTensorDescriptor reduction = new cudnnReduceTensorDescriptor();
    private final cudnnActivationDescriptor tanh = new cudnnActivationDescriptor();

    Cudnn(CudaDevice device, DeviceScratch scratch) {
        this.device = device;
        this.scratch = scratch;
        device.enter();
        String what = "open device";
        check(JCudnn.cudnnCreate(handle), "cudnnCreate", what);
        check(JCudnn.cudnnSetStream(handle, device.libraryStream()), "cudnnSetStream", what);
        check(JCudnn.cudnnCreateTensorDescriptor(input), "cudnnCreateTensorDescriptor", what);
        check(JCudnn.cudnnCreateTensorDescriptor(output), "cudnnCreateTensorDescriptor", what);
        check(
                JCudnn.cudnnCreateOpTensorDescriptor(operation),
                "cudnnCreateOpTensorDescriptor",
                what);
        check(
                JCudnn.cudnnCreateReduceTensorDescriptor(reduction),
                "cudnnCreateReduceTensorDescriptor",
                what);
        check(
                JCudnn.cudnnCreateActivationDescriptor(tanh),
                "cudnnCreateActivationDescriptor",
                what);
        check(
                JCudnn.cudnnSetActivationDescriptor(
                        tanh,
                        cudnnActivationMode.CUDNN_ACTIVATION_TANH,
                        cudnnNanPropagation.CUDNN_PROPAGATE_NAN,
                        0),
                "cudnnSetActivationDescriptor",
                what);
    }

    /// A contiguous array.
    record Extent(int outer, int length, int inner, DType dtype) {
        static Extent flat(int count, DType dtype) {
            return new Extent(1, 1, count, dtype);
        }
    }

    /// `y = tanh x`.
    void tanh(Extent extent, long x, long y) {
        synchronized (device) {
            describe(input, extent, extent.length);
            check(
                    JCudnn.cudnnActivationForward(
                            handle,
                            tanh,
                            scalar(1, extent),
                            input,
                            DevicePointer.to(x),
                            scalar(0, extent),
                            input,
                            DevicePointer.to(y)),
                    "cudnnActivationForward",
                    extent);
        }
    }

    /// What [#combine] does to its operands.
    enum Combination {
        ADD(cudnnOpTensorOp.CUDNN_OP_TENSOR_ADD, 1),
        SUBTRACT(cudnnOpTensorOp.CUDNN_OP_TENSOR_ADD, -1),
        MULTIPLY(cudnnOpTensorOp.CUDNN_OP_TENSOR_MUL, 1);

        private final int code;
        private final int factor; // of the second operand

        Combination(int code, int factor) {
            this.code = code;
            this.factor = factor;
        }
    }

    /// `y = a + b`, `a - b` or `a b`, by element; y may be a.
    void combine(Combination combination, Extent extent, long a, long b, long y) {
        synchronized (device) {
            describe(input, extent, extent.length);
            check(
                    JCudnn.cudnnSetOpTensorDescriptor(
                            operation,
                            combination.code,
                            dataType(extent.dtype.accumulator()),
                            cudnnNanPropagation.CUDNN_PROPAGATE_NAN),
                    "cudnnSetOpTensorDescriptor",
                    extent);
            check(
                    JCudnn.cudnnOpTensor(
                            handle,
                            operation,
                            scalar(1, extent),
                            input,
                            DevicePointer.to(a),
                            scalar(combination.factor, extent),
                            input,
                            DevicePointer.to(b),
                            scalar(0, extent),
                            input,
                            DevicePointer.to(y)),
                    "cudnnOpTensor",
                    extent);
        }
    }

    /// Softmax, or its logarithm, along `length`.
    void softmax(boolean logarithm, Extent extent, long x, long y) {
        synchronized (device) {
            describe(input, extent, extent.length);
            check(
                    JCudnn.cudnnSoftmaxForward(
                            handle,
                            logarithm
                                    ? cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_LOG
                                    : cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_ACCURATE,
                            cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_CHANNEL,
                            scalar(1, extent),
                            input,
                            DevicePointer.to(x),
                            scalar(0, extent),
                            input,
                            DevicePointer.to(y)),
                    "cudnnSoftmaxForward",
                    extent);
        }
    }

    /// Sum, or maximum, along `length`, which must be at least 2: `[outer, inner]`.
    void reduce(boolean maximum, Extent extent, long x, long y) {
        synchronized (device) {
            describe(input, extent, extent.length);
            describe(output, extent, 1);
            check(
                    JCudnn.cudnnSetReduceTensorDescriptor(
                            reduction,
                            maximum
                                    ? cudnnReduceTensorOp.CUDNN_REDUCE_TENSOR_MAX
                                    : cudnnReduceTensorOp.CUDNN_REDUCE_TENSOR_ADD,
                            dataType(extent.dtype),
                            cudnnNanPropagation.CUDNN_PROPAGATE_NAN,
                            cudnnReduceTensorIndices.CUDNN_REDUCE_TENSOR_NO_INDICES,
                            cudnnIndicesType.CUDNN_32BIT_INDICES),
                    "cudnnSetReduceTensorDescriptor",
                    extent);
            long[] bytes = new long[1];
            check(
                    JCudnn.cudnnGetReductionWorkspaceSize(handle, reduction, input, output, bytes),
                    "cudnnGetReductionWorkspaceSize",
                    extent);
            long workspace = scratch.bytes(bytes[0]).value();
            check(
                    JCudnn.cudnnReduceTensor(
                            handle,
                            reduction,
                            null,
                            0,
                            DevicePointer.to(workspace),
                            bytes[0],
                            scalar(1, extent),
                            input,
                            DevicePointer.to(x),
                            scalar(0, extent),
                            output,
                            DevicePointer.to(y)),
                    "cudnnReduceTensor",
                    extent);
        }
    }

    private void describe(cudnnTensorDescriptor descriptor, Extent extent, int length) {
        device.enter();
        check(
                JCudnn.cudnnSetTensor4dDescriptor(
                        descriptor,
                        cudnnTensorFormat.CUDNN_TENSOR_NCHW,
                        dataType(extent.dtype),
                        extent.outer,
                        length,
                        1,
                        extent.inner),
                "cudnnSetTensor4dDescriptor",
                extent);
    }

    private static int dataType(DType dtype) {
        return switch (dtype) {
            case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
            case F64 -> cudnnDataType.CUDNN_DATA_DOUBLE;
            case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
            case I32 ->
                    throw new IllegalArgumentException(
                            "cuDNN: arrays must be F32, F64 or BF16, got I32");
        };
    }

    /// A factor, in the type that cuDNN reads it in.
    private static Pointer scalar(double value, Extent extent) {
        return extent.dtype == DType.F64
                ? Pointer.to(new double[] {value})
                : Pointer.to(new float[] {(float) value});
    }

    private static void check(int status, String call, Object what) {
        CudaStatus.dnn(status, call, what);
    }

    @Override
    public void close() {
        device.enter();
        String what = "close device";
        check(
                JCudnn.cudnnDestroyActivationDescriptor(tanh),
                "cudnnDestroyActivationDescriptor",
                what);
        check(
                JCudnn.cudnnDestroyReduceTensorDescriptor(reduction),
                "cudnnDestroyReduceTensorDescriptor",
                what);
        check(
                JCudnn.cudnnDestroyOpTensorDescriptor(operation),
                "cudnnDestroyOpTensorDescriptor",
                what);
        check(JCudnn.cudnnDestroyTensorDescriptor(output), "cudnnDestroyTensorDescriptor", what);
        check(JCudnn.cudnnDestroyTensorDescriptor(input), "cudnnDestroyTensorDescriptor", what);
        check(JCudnn.cudnnDestroy(handle), "cudnnDestroy", what);
    }
}
