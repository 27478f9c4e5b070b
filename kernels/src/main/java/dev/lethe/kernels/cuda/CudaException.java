package dev.lethe.kernels.cuda;

/// What a CUDA library refused, in one line: operation, call, status, remedy where there is one.
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CudaException(String message) {
        super(message);
    }

    CudaException(String message, Throwable cause) {
        super(message, cause);
    }
}
