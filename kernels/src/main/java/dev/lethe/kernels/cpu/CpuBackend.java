package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.GatherKernels;
import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.MatMulKernels;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.backend.MovementKernels;
import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.backend.RandomKernels;
import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.memory.BlockPool;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.management.JMException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host's processor: Vector API loops, and matrix products by oneDNN and OpenBLAS where they can
/// be loaded (see [MatrixLibraries]).
public final class CpuBackend implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(CpuBackend.class);

    private final BlockPool memory = new BlockPool(new HugePageBlocks());
    private final Gemm gemm;
    private final MatMulKernels matMul;
    private final ElementwiseKernels elementwise = new CpuElementwise();
    private final MovementKernels movement = new CpuMovement();
    private final ReduceKernels reduce = new CpuReduce();
    private final SoftmaxKernels softmax = new CpuSoftmax();
    private final GatherKernels gather = new CpuGather();
    private final RandomKernels random = new CpuRandom();
    private final Optional<RmsNormKernels> rmsNorm = Optional.of(new CpuRmsNorm());
    private final Optional<RopeKernels> rope = Optional.of(new CpuRope());
    private final Optional<AttentionKernels> attention;
    private final Optional<GegluKernels> geglu = Optional.of(new CpuGeglu());
    private final Optional<LinearLossKernels> linearLoss;
    private final Optional<MeanSquareKernels> meanSquare = Optional.of(new CpuMeanSquare());
    private final Optional<OptimizerKernels> optimizer = Optional.of(new CpuOptimizer());

    public CpuBackend() {
        this(Process.GEMM);
    }

    CpuBackend(Gemm gemm) {
        this.gemm = gemm;
        matMul = new CpuMatMul(gemm);
        attention = Optional.of(new CpuAttention(gemm));
        linearLoss = Optional.of(new CpuLinearLoss(gemm));
    }

    /// What is done once a process, at first use.
    private static final class Process {
        static final Gemm GEMM = MatrixLibraries.ofThisProcess().gemm();

        static {
            // Takes a moment, and only what is compiled after some seconds needs it. `tools/lethe`
            // gives them on the command line of the JVM.
            if (!"given".equals(System.getProperty(CompilerDirectives.PROPERTY))) {
                Thread.ofPlatform().daemon().name("compiler-directives").start(Process::direct);
            }
        }

        private static void direct() {
            try {
                LOG.debug(CompilerDirectives.install());
            } catch (JMException | RuntimeException e) {
                LOG.warn("the compiler takes no directives, so vector loops may be slower", e);
            }
        }
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return "%d processors, vectors of %d bits, %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        F32.SPECIES.vectorBitSize(),
                        gemm.description(),
                        Runtime.version());
    }

    /// What makes this backend slower than it could be, a line each with its remedy.
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (gemm instanceof VectorGemm) {
            warnings.add(
                    "OpenBLAS is not in use, so matrix products take longer; "
                            + MatrixLibraries.ofThisProcess()
                                    .openBlasMissing()
                                    .orElse("this backend was made without it"));
        } else {
            warnings.addAll(olderKernels());
        }
        if (F32.LANES < 8) {
            warnings.add(
                    "vectors have only %d bits; a processor with AVX2 or AVX-512 is faster"
                            .formatted(F32.SPECIES.vectorBitSize()));
        }
        return warnings;
    }

    private static List<String> olderKernels() {
        List<String> warnings = new ArrayList<>();
        for (String variable : List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")) {
            String value = System.getenv(variable);
            if (value != null) {
                warnings.add(
                        ("%s=%s is set, so OpenBLAS runs its %s kernels, which may take twice"
                                        + " as long as its own choice; unset it")
                                .formatted(variable, value, OpenBlas.coreName()));
            }
        }
        return warnings;
    }

    @Override
    public BlockPool memory() {
        return memory;
    }

    @Override
    public void upload(MemorySegment source, Buffer target) {
        requireBytes("upload", source, target);
        MemorySegment.copy(source, 0, HostMemory.ALL, target.address(), target.bytes());
    }

    @Override
    public void download(Buffer source, MemorySegment target) {
        requireBytes("download", target, source);
        MemorySegment.copy(HostMemory.ALL, source.address(), target, 0, source.bytes());
    }

    private static void requireBytes(String operation, MemorySegment host, Buffer buffer) {
        if (host.byteSize() != buffer.bytes()) {
            throw new IllegalArgumentException(
                    "%s: the buffer of %d %s needs a segment of %d bytes, got %d; slice the segment"
                            .formatted(
                                    operation,
                                    buffer.length(),
                                    buffer.dtype(),
                                    buffer.bytes(),
                                    host.byteSize()));
        }
    }

    @Override
    public MatMulKernels matMul() {
        return matMul;
    }

    @Override
    public ElementwiseKernels elementwise() {
        return elementwise;
    }

    @Override
    public MovementKernels movement() {
        return movement;
    }

    @Override
    public ReduceKernels reduce() {
        return reduce;
    }

    @Override
    public SoftmaxKernels softmax() {
        return softmax;
    }

    @Override
    public GatherKernels gather() {
        return gather;
    }

    @Override
    public RandomKernels random() {
        return random;
    }

    @Override
    public Optional<RmsNormKernels> rmsNorm(DType dtype) {
        return fused(rmsNorm, dtype);
    }

    @Override
    public Optional<RopeKernels> rope(DType dtype) {
        return fused(rope, dtype);
    }

    @Override
    public Optional<AttentionKernels> attention(DType dtype) {
        return fused(attention, dtype);
    }

    @Override
    public Optional<GegluKernels> geglu(DType dtype) {
        return fused(geglu, dtype);
    }

    @Override
    public Optional<LinearLossKernels> linearLoss(DType dtype) {
        return fused(linearLoss, dtype);
    }

    @Override
    public Optional<MeanSquareKernels> meanSquare(DType dtype) {
        return fused(meanSquare, dtype);
    }

    @Override
    public Optional<OptimizerKernels> optimizer(DType dtype) {
        return fused(optimizer, dtype);
    }

    /// Fused kernels are F32; F64 runs the composites.
    private static <K> Optional<K> fused(Optional<K> kernels, DType dtype) {
        return dtype == DType.F32 ? kernels : Optional.empty();
    }
}
