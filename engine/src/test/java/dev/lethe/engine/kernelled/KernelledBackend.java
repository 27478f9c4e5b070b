package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.memory.DType;
import java.util.Optional;

/// The reference with all fused families in F64; in F32 it has none, as a real column may.
public final class KernelledBackend extends ForwardingBackend {
    private final Doubles doubles = new Doubles(this);

    @Override
    public String name() {
        return "kernelled";
    }

    @Override
    public Optional<RmsNormKernels> rmsNorm(DType dtype) {
        return inF64(dtype, new LoopRmsNorm(doubles));
    }

    @Override
    public Optional<RopeKernels> rope(DType dtype) {
        return inF64(dtype, new LoopRope(doubles));
    }

    @Override
    public Optional<AttentionKernels> attention(DType dtype) {
        return inF64(dtype, new LoopAttention(doubles));
    }

    @Override
    public Optional<GegluKernels> geglu(DType dtype) {
        return inF64(dtype, new LoopGeglu(doubles));
    }

    @Override
    public Optional<LinearLossKernels> linearLoss(DType dtype) {
        return inF64(dtype, new LoopLinearLoss(doubles));
    }

    @Override
    public Optional<MeanSquareKernels> meanSquare(DType dtype) {
        return inF64(dtype, new LoopMeanSquare(doubles));
    }

    @Override
    public Optional<OptimizerKernels> optimizer(DType dtype) {
        return inF64(dtype, new LoopOptimizer(doubles));
    }

    private static <K> Optional<K> inF64(DType dtype, K kernels) {
        return dtype == DType.F64 ? Optional.of(kernels) : Optional.empty();
    }
}
