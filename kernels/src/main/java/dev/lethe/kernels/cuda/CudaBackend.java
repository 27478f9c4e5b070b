package dev.lethe.kernels.cuda;

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
import dev.lethe.engine.backend.PerturbationKernels;
import dev.lethe.engine.backend.RandomKernels;
import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.memory.BlockPool;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.DeviceMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/// The first NVIDIA GPU of this machine, or the simulated device of the tests where
/// `LETHE_CUDA_LIBRARIES` names its libraries.
///
/// All work goes to one stream, in the order of the calls; only a download waits for it.
public final class CudaBackend implements Backend {
    private static final int BF16_CAPABILITY = 80;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final CudaDevice device;
    private final DeviceBlocks blocks;
    private final BlockPool memory;
    private final PinnedStaging staging;
    private final Cublas cublas;
    private final MatMulKernels matMul;
    private final ElementwiseKernels elementwise;
    private final MovementKernels movement;
    private final ReduceKernels reduce;
    private final SoftmaxKernels softmax;
    private final GatherKernels gather;
    private final RandomKernels random;
    private final OptimizerKernels optimizer;
    private final PerturbationKernels perturbation;
    private final RopeKernels rope;
    private final RmsNormKernels rmsNorm;
    private final GegluKernels geglu;
    private final MeanSquareKernels meanSquare;
    private final AttentionKernels attention;
    private final LinearLossKernels linearLoss;
    private final Optional<StepGraphs> graphs;
    private boolean closed;

    /// @throws CudaException when a library or the device is missing, in one line with the remedy
    public CudaBackend() {
        this(LogitChunks.Budget.USUAL);
    }

    /// @param logits that a loss head holds at once
    CudaBackend(LogitChunks.Budget logits) {
        try {
            boolean kept = CudaStepGraphs.areAskedFor(System.getenv());
            device = opened(new CudaDevice());
            graphs = kept ? Optional.of(new CudaStepGraphs(device)) : Optional.empty();
            blocks = opened(new DeviceBlocks(device));
            DeviceScratch scratch = opened(new DeviceScratch(blocks));
            staging = opened(new PinnedStaging(device));
            cublas = opened(new Cublas(device, blocks));
            Cudnn cudnn = opened(new Cudnn(device, scratch));
            KernelLauncher launcher =
                    opened(new KernelLauncher(device, PtxCache.ofUser(System.getenv())));
            memory = new BlockPool(blocks);
            matMul = new CudaMatMul(device, cublas);
            elementwise = new CudaElementwise(device, launcher, cudnn);
            movement = new CudaMovement(device, launcher);
            reduce = new CudaReduce(cudnn, launcher, elementwise);
            softmax = new CudaSoftmax(cudnn, launcher);
            gather = new CudaGather(device, launcher, scratch);
            random = new CudaRandom(launcher);
            optimizer = new CudaOptimizer(device, launcher, scratch);
            perturbation = new CudaPerturbation(launcher);
            rmsNorm = new CudaRmsNorm(device, launcher, scratch);
            rope = new CudaRope(launcher, opened(new RopeTables(device, blocks, staging)));
            geglu = new CudaGeglu(launcher);
            meanSquare = new CudaMeanSquare(device, launcher, scratch);
            attention = new CudaAttention(device, launcher, scratch);
            linearLoss = new CudaLinearLoss(device, launcher, cublas, scratch, logits);
        } catch (RuntimeException | Error failure) {
            closeOpened(failure);
            throw failure;
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    /// `cuda`, or `cuda (simulated)`, so that no output can be taken for a GPU's.
    @Override
    public String name() {
        return device.isSimulated() ? "cuda (simulated)" : "cuda";
    }

    @Override
    public String description() {
        StringJoiner libraries = new StringJoiner(", ");
        versions().forEach((library, version) -> libraries.add(library + " " + version));
        return "%s, compute capability %.1f, %.1f GiB, %s"
                .formatted(
                        device.name(),
                        device.capability() / 10.0,
                        device.memory().totalBytes() / 0x1p30,
                        libraries);
    }

    /// Versions of the libraries, by the names of [CudaLibraries].
    Map<String, String> versions() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("driver", CudaLibraries.driverVersion());
        versions.put("NVRTC", Nvrtc.version());
        versions.put("cuBLAS", cublas.version());
        versions.put("cuDNN", CudaLibraries.cudnnVersion());
        return versions;
    }

    /// Whether the device is the tests' simulated one, which is no faster than the host.
    public boolean isSimulated() {
        return device.isSimulated();
    }

    /// The device's name, as its driver has it.
    public String card() {
        return device.name();
    }

    /// Waits until all work that was submitted is done.
    public void synchronize() {
        device.synchronize("synchronize");
    }

    /// BF16 where there are tensor cores for it: from compute capability 8.0 on.
    @Override
    public boolean supports(DType dtype) {
        return dtype != DType.BF16 || device.capability() >= BF16_CAPABILITY;
    }

    @Override
    public BlockPool memory() {
        return memory;
    }

    @Override
    public Optional<DeviceMemory> deviceMemory() {
        return Optional.of(device.memory());
    }

    @Override
    public void upload(MemorySegment source, Buffer target) {
        requireBytes("upload", source, target);
        staging.upload(source, target);
    }

    @Override
    public void download(Buffer source, MemorySegment target) {
        requireBytes("download", target, source);
        staging.download(source, target);
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
    public Optional<LinearLossKernels> linearLoss(DType dtype) {
        return ofFloating(dtype, linearLoss);
    }

    @Override
    public Optional<AttentionKernels> attention(DType dtype) {
        return ofFloating(dtype, attention);
    }

    @Override
    public Optional<MeanSquareKernels> meanSquare(DType dtype) {
        return ofFloating(dtype, meanSquare);
    }

    @Override
    public Optional<GegluKernels> geglu(DType dtype) {
        return ofFloating(dtype, geglu);
    }

    @Override
    public Optional<RmsNormKernels> rmsNorm(DType dtype) {
        return ofFloating(dtype, rmsNorm);
    }

    @Override
    public Optional<RopeKernels> rope(DType dtype) {
        return ofFloating(dtype, rope);
    }

    @Override
    public Optional<OptimizerKernels> optimizer(DType dtype) {
        return ofFloating(dtype, optimizer);
    }

    @Override
    public Optional<PerturbationKernels> perturbation(DType dtype) {
        return ofFloating(dtype, perturbation);
    }

    /// A fused family, which every floating-point type here has.
    private <K> Optional<K> ofFloating(DType dtype, K kernels) {
        return dtype.isFloating() && supports(dtype) ? Optional.of(kernels) : Optional.empty();
    }

    /// CUDA graphs, unless `LETHE_CUDA_GRAPHS=off`.
    @Override
    public Optional<StepGraphs> graphs() {
        return graphs;
    }

    CudaDevice device() {
        return device;
    }

    /// Blocks of device memory that are in use, this backend's own included.
    int takenBlocks() {
        return blocks.takenBlocks();
    }

    /// @throws IllegalStateException while an arena is open, and then nothing is closed
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (memory.openArenas() > 0) {
            memory.close(); // says how many
        }
        closed = true;
        CudaException failure = new CudaException("close device: some of it could not be closed");
        closeOpened(failure);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /// From the last opened to the first; what fails does not keep the rest open.
    private void closeOpened(Throwable failure) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
