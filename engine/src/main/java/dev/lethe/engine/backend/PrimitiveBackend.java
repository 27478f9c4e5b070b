package dev.lethe.engine.backend;

import dev.lethe.engine.memory.BlockPool;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.MemorySegment;

/// A backend without its fused families, so that every operation runs its composite in primitives:
/// what fused kernels are held against. Closing it closes the whole one.
public class PrimitiveBackend implements Backend {
    private final Backend whole;

    public PrimitiveBackend(Backend whole) {
        this.whole = whole;
    }

    @Override
    public String name() {
        return whole.name();
    }

    @Override
    public String description() {
        return whole.description();
    }

    @Override
    public BlockPool memory() {
        return whole.memory();
    }

    @Override
    public boolean supports(DType dtype) {
        return whole.supports(dtype);
    }

    @Override
    public void upload(MemorySegment source, Buffer target) {
        whole.upload(source, target);
    }

    @Override
    public void download(Buffer source, MemorySegment target) {
        whole.download(source, target);
    }

    @Override
    public MatMulKernels matMul() {
        return whole.matMul();
    }

    @Override
    public ElementwiseKernels elementwise() {
        return whole.elementwise();
    }

    @Override
    public MovementKernels movement() {
        return whole.movement();
    }

    @Override
    public ReduceKernels reduce() {
        return whole.reduce();
    }

    @Override
    public SoftmaxKernels softmax() {
        return whole.softmax();
    }

    @Override
    public GatherKernels gather() {
        return whole.gather();
    }

    @Override
    public RandomKernels random() {
        return whole.random();
    }

    @Override
    public void close() {
        whole.close();
    }
}
