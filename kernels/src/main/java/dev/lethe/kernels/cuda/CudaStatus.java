package dev.lethe.kernels.cuda;

import java.util.function.IntFunction;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnStatus;
import jcuda.nvrtc.JNvrtc;

/// The one place where a library's status becomes an error.
final class CudaStatus {
    private CudaStatus() {}

    /// @param what operation and shapes, for the error: its `toString` is asked only then
    static void driver(int status, String call, Object what) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw failure(status, call, what, CudaStatus::driverText);
        }
    }

    static void blas(int status, String call, Object what) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw failure(status, call, what, cublasStatus::stringFor);
        }
    }

    static void dnn(int status, String call, Object what) {
        if (status != cudnnStatus.CUDNN_STATUS_SUCCESS) {
            throw failure(status, call, what, JCudnn::cudnnGetErrorString);
        }
    }

    static void nvrtc(int status, String call, Object what) {
        if (status != 0) {
            throw failure(status, call, what, JNvrtc::nvrtcGetErrorString);
        }
    }

    private static CudaException failure(
            int status, String call, Object what, IntFunction<String> text) {
        String device = deviceFault();
        return new CudaException(
                "%s: %s failed with status %d, %s%s"
                        .formatted(what, call, status, oneLine(text.apply(status)), device)
                        .strip());
    }

    /// A library only says that it failed; the driver knows that a kernel before it did.
    private static String deviceFault() {
        int status = JCudaDriver.cuStreamQuery(new jcuda.driver.CUstream());
        return switch (status) {
            case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, CUresult.CUDA_ERROR_LAUNCH_FAILED ->
                    " (the device is broken: %s; start the program anew)"
                            .formatted(driverText(status));
            default -> "";
        };
    }

    private static String driverText(int status) {
        String[] name = new String[1];
        String[] text = new String[1];
        JCudaDriver.cuGetErrorName(status, name);
        JCudaDriver.cuGetErrorString(status, text);
        return "%s, %s".formatted(name[0], oneLine(text[0]));
    }

    private static String oneLine(String text) {
        return text == null ? "unknown" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
