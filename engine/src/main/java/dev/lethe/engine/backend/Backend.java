package dev.lethe.engine.backend;

import dev.lethe.engine.memory.BlockPool;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.DeviceMemory;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A column of the kernel grid: memory, copies, and one object a kernel family.
///
/// The primitive families are required, in F32 and F64, and in BF16 where the backend [#supports]
/// it. A fused family is an optional accelerator: where it is absent for an element type, the
/// operation runs its composite in primitives. In BF16 every kernel computes in F32 or wider and
/// rounds each element that it writes once; what a family keeps in F32 besides is said in its
/// interface. Kernels are single-threaded and may be called from several threads at once;
/// parallelism lives with the caller, over micro-batches.
public interface Backend extends AutoCloseable {
    /// As given to `--device`: `reference`, `cpu`, `cuda`; with ` (simulated)` behind it where the
    /// device is none.
    String name();

    /// Device, libraries and their versions, one line for people.
    String description();

    BlockPool memory();

    /// Memory of a device of its own, in which all buffers lie and whose work is done one piece after
    /// the other; empty where buffers lie in the host's memory.
    default Optional<DeviceMemory> deviceMemory() {
        return Optional.empty();
    }

    /// Whether buffers and kernels of this type exist here. BF16 alone is optional; a backend
    /// without it hands out no BF16 memory.
    default boolean supports(DType dtype) {
        return dtype != DType.BF16;
    }

    /// An arena that is current on this thread until it closes.
    default TensorArena openStep() {
        return TensorArena.openStep(this);
    }

    /// An arena for what outlives a step; never current.
    default TensorArena openLongLived() {
        return TensorArena.openLongLived(this);
    }

    /// Host memory to buffer; `source` holds exactly `target.bytes()` bytes. Complete on return.
    void upload(MemorySegment source, Buffer target);

    /// Buffer to host memory; `target` holds exactly `source.bytes()` bytes. Complete on return.
    void download(Buffer source, MemorySegment target);

    MatMulKernels matMul();

    ElementwiseKernels elementwise();

    MovementKernels movement();

    ReduceKernels reduce();

    SoftmaxKernels softmax();

    GatherKernels gather();

    RandomKernels random();

    default Optional<RmsNormKernels> rmsNorm(DType dtype) {
        return Optional.empty();
    }

    default Optional<RopeKernels> rope(DType dtype) {
        return Optional.empty();
    }

    default Optional<AttentionKernels> attention(DType dtype) {
        return Optional.empty();
    }

    default Optional<GegluKernels> geglu(DType dtype) {
        return Optional.empty();
    }

    default Optional<LinearLossKernels> linearLoss(DType dtype) {
        return Optional.empty();
    }

    default Optional<MeanSquareKernels> meanSquare(DType dtype) {
        return Optional.empty();
    }

    default Optional<OptimizerKernels> optimizer(DType dtype) {
        return Optional.empty();
    }

    default Optional<PerturbationKernels> perturbation(DType dtype) {
        return Optional.empty();
    }

    /// Empty where work cannot be kept and repeated, or was asked not to be.
    default Optional<StepGraphs> graphs() {
        return Optional.empty();
    }

    @Override
    default void close() {
        memory().close();
    }
}
