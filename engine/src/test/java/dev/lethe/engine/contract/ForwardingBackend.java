package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.GatherKernels;
import dev.lethe.engine.backend.MatMulKernels;
import dev.lethe.engine.backend.MovementKernels;
import dev.lethe.engine.backend.RandomKernels;
import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.memory.BlockPool;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import java.lang.foreign.MemorySegment;

/// A column that is the reference in all but what a test overrides.
public class ForwardingBackend implements Backend {
    private final ReferenceBackend reference = new ReferenceBackend();

    @Override
    public String name() {
        return "forwarding";
    }

    @Override
    public String description() {
        return "for tests, over " + reference.description();
    }

    @Override
    public boolean supports(DType dtype) {
        return reference.supports(dtype);
    }

    @Override
    public BlockPool memory() {
        return reference.memory();
    }

    @Override
    public void upload(MemorySegment source, Buffer target) {
        reference.upload(source, target);
    }

    @Override
    public void download(Buffer source, MemorySegment target) {
        reference.download(source, target);
    }

    @Override
    public MatMulKernels matMul() {
        return reference.matMul();
    }

    @Override
    public ElementwiseKernels elementwise() {
        return reference.elementwise();
    }

    @Override
    public MovementKernels movement() {
        return reference.movement();
    }

    @Override
    public ReduceKernels reduce() {
        return reference.reduce();
    }

    @Override
    public SoftmaxKernels softmax() {
        return reference.softmax();
    }

    @Override
    public GatherKernels gather() {
        return reference.gather();
    }

    @Override
    public RandomKernels random() {
        return reference.random();
    }
}
