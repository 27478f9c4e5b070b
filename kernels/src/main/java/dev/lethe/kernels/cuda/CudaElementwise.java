package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.Cudnn.Combination;
import dev.lethe.kernels.cuda.Cudnn.Extent;
import dev.lethe.kernels.cuda.KernelSource.Kernel;
import java.util.Locale;
import jcuda.driver.JCudaDriver;

/// cuDNN for tanh, sums and products; `elementwise.cu` for what it lacks, tanh of BF16 included.
final class CudaElementwise implements ElementwiseKernels {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "elementwise",
                    "elementwise_exp(const element* x, element* y, long long n)",
                    "elementwise_log(const element* x, element* y, long long n)",
                    "elementwise_tanh(const element* x, element* y, long long n)",
                    "elementwise_divide(const element* a, const element* b, element* y,"
                            + " long long n)",
                    "elementwise_equal(const element* a, const element* b, element* y,"
                            + " long long n)",
                    "elementwise_affine(accumulator scale, accumulator shift, const element* x,"
                            + " element* y, long long n)",
                    "elementwise_scale(const accumulator* factor, const element* x, element* y,"
                            + " long long n)",
                    "elementwise_power(accumulator exponent, const element* x, element* y,"
                            + " long long n)",
                    "elementwise_where(const element* condition, const element* a,"
                            + " const element* b, element* y, long long n)",
                    "elementwise_fill(accumulator value, element* y, long long n)",
                    "elementwise_from_f32(const float* x, element* y, long long n)",
                    "elementwise_from_f64(const double* x, element* y, long long n)",
                    "elementwise_from_bf16(const bfloat16* x, element* y, long long n)");
    private static final Kernel EXP = SOURCE.kernel("elementwise_exp");
    private static final Kernel LOG = SOURCE.kernel("elementwise_log");
    private static final Kernel TANH = SOURCE.kernel("elementwise_tanh");
    private static final Kernel DIVIDE = SOURCE.kernel("elementwise_divide");
    private static final Kernel EQUAL = SOURCE.kernel("elementwise_equal");
    private static final Kernel AFFINE = SOURCE.kernel("elementwise_affine");
    private static final Kernel SCALE = SOURCE.kernel("elementwise_scale");
    private static final Kernel POWER = SOURCE.kernel("elementwise_power");
    private static final Kernel WHERE = SOURCE.kernel("elementwise_where");
    private static final Kernel FILL = SOURCE.kernel("elementwise_fill");
    private static final Kernel FROM_F32 = SOURCE.kernel("elementwise_from_f32");
    private static final Kernel FROM_F64 = SOURCE.kernel("elementwise_from_f64");
    private static final Kernel FROM_BF16 = SOURCE.kernel("elementwise_from_bf16");

    /// Elements that one call of cuDNN takes here.
    private static final int PIECE = 1 << 30;

    private final CudaDevice device;
    private final KernelLauncher launcher;
    private final Cudnn cudnn;

    CudaElementwise(CudaDevice device, KernelLauncher launcher, Cudnn cudnn) {
        this.device = device;
        this.launcher = launcher;
        this.cudnn = cudnn;
    }

    @Override
    public void unary(Unary function, Buffer x, Buffer y) {
        check(name(function), y, x);
        switch (function) {
            case EXP -> launch(EXP, y, x, y, y.length());
            case LOG -> launch(LOG, y, x, y, y.length());
            case TANH -> tanh(x, y);
        }
    }

    private void tanh(Buffer x, Buffer y) {
        if (y.dtype() == DType.BF16) {
            launch(TANH, y, x, y, y.length());
            return;
        }
        inPieces(
                y,
                (extent, offset) ->
                        cudnn.tanh(extent, x.address() + offset, y.address() + offset));
    }

    @Override
    public void binary(Binary function, Buffer a, Buffer b, Buffer y) {
        check(name(function), y, a, b);
        switch (function) {
            case ADD -> combine(Combination.ADD, a, b, y);
            case SUBTRACT -> combine(Combination.SUBTRACT, a, b, y);
            case MULTIPLY -> combine(Combination.MULTIPLY, a, b, y);
            case DIVIDE -> launch(DIVIDE, y, a, b, y, y.length());
            case EQUAL -> launch(EQUAL, y, a, b, y, y.length());
        }
    }

    private void combine(Combination combination, Buffer a, Buffer b, Buffer y) {
        inPieces(
                y,
                (extent, offset) ->
                        cudnn.combine(
                                combination,
                                extent,
                                a.address() + offset,
                                b.address() + offset,
                                y.address() + offset));
    }

    @Override
    public void addTo(Buffer x, Buffer y) {
        Operands.exactly("addTo: x", x, Operands.floating("addTo: y", y), y.length());
        combine(Combination.ADD, y, x, y);
    }

    @Override
    public void affine(double scale, double shift, Buffer x, Buffer y) {
        check("affine", y, x);
        launch(AFFINE, y, scale, shift, x, y, y.length());
    }

    @Override
    public void scale(Buffer factor, Buffer x, Buffer y) {
        check("scale", y, x);
        Operands.exactly("scale: factor", factor, y.dtype().accumulator(), 1);
        Operands.apart("scale: y", y, factor);
        launch(SCALE, y, factor, x, y, y.length());
    }

    @Override
    public void power(double exponent, Buffer x, Buffer y) {
        check("power", y, x);
        launch(POWER, y, exponent, x, y, y.length());
    }

    @Override
    public void where(Buffer condition, Buffer a, Buffer b, Buffer y) {
        check("where", y, condition, a, b);
        launch(WHERE, y, condition, a, b, y, y.length());
    }

    @Override
    public void fill(double value, Buffer y) {
        check("fill", y);
        // by way of F32 it would be rounded twice
        double exact = y.dtype() == DType.BF16 ? BFloat16.round(value) : value;
        launch(FILL, y, exact, y, y.length());
    }

    @Override
    public void copy(Buffer x, Buffer y) {
        Operands.exactly("copy: y", y, y.dtype(), x.length());
        Operands.apart("copy: y", y, x);
        if (y.length() == 0) {
            return;
        }
        if (x.dtype() == y.dtype()) {
            copyBits(x, y);
            return;
        }
        Operands.floating("copy: y", y);
        Kernel kernel =
                switch (Operands.floating("copy: x", x)) {
                    case F32 -> FROM_F32;
                    case F64 -> FROM_F64;
                    case BF16 -> FROM_BF16;
                    case I32 -> throw new AssertionError("not floating");
                };
        launch(kernel, y, x, y, y.length());
    }

    private void copyBits(Buffer x, Buffer y) {
        synchronized (device) {
            device.enter();
            CudaStatus.driver(
                    JCudaDriver.cuMemcpyDtoDAsync(
                            DevicePointer.to(y), DevicePointer.to(x), x.bytes(), device.stream()),
                    "cuMemcpyDtoDAsync",
                    "copy of " + x.length());
        }
    }

    private void launch(Kernel kernel, Buffer y, Object... arguments) {
        if (y.length() > 0) {
            launcher.launch(kernel, y.dtype(), Grid.over(y.length()), arguments);
        }
    }

    private interface Piece {
        void run(Extent extent, long byteOffset);
    }

    private static void inPieces(Buffer y, Piece piece) {
        for (long from = 0; from < y.length(); from += PIECE) {
            int count = (int) Math.min(PIECE, y.length() - from);
            piece.run(Extent.flat(count, y.dtype()), from * y.dtype().bytes());
        }
    }

    private static String name(Enum<?> function) {
        return function.name().toLowerCase(Locale.ROOT);
    }

    private static void check(String name, Buffer y, Buffer... inputs) {
        DType dtype = Operands.floating(name + ": y", y);
        for (Buffer input : inputs) {
            Operands.exactly(name + ": every input", input, dtype, y.length());
            Operands.apart(name + ": y", y, input);
        }
    }
}
