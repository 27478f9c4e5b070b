package dev.lethe.engine.reference;

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
import dev.lethe.engine.memory.HostBlocks;
import java.lang.foreign.MemorySegment;

/// Plain loops over host memory: slow, obvious, and the truth of every test when run in F64.
///
/// It has no fused family, so each operation runs its composite of primitives here.
public final class ReferenceBackend implements Backend {
    private final BlockPool memory = new BlockPool(new HostBlocks());
    private final MatMulKernels matMul = new ReferenceMatMul();
    private final ElementwiseKernels elementwise = new ReferenceElementwise();
    private final MovementKernels movement = new ReferenceMovement();
    private final ReduceKernels reduce = new ReferenceReduce();
    private final SoftmaxKernels softmax = new ReferenceSoftmax();
    private final GatherKernels gather = new ReferenceGather();
    private final RandomKernels random = new ReferenceRandom();

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "plain loops on the host, Java " + Runtime.version();
    }

    @Override
    public boolean supports(DType dtype) {
        return true;
    }

    @Override
    public BlockPool memory() {
        return memory;
    }

    @Override
    public void upload(MemorySegment source, Buffer target) {
        requireBytes("upload", source, target);
        MemorySegment.copy(source, 0, Cells.MEMORY, target.address(), target.bytes());
    }

    @Override
    public void download(Buffer source, MemorySegment target) {
        requireBytes("download", target, source);
        MemorySegment.copy(Cells.MEMORY, source.address(), target, 0, source.bytes());
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
}
