package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSignature.Parameter;
import dev.lethe.kernels.cuda.KernelSource.Kernel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/// Compiles a family's source when one of its kernels is first launched for an element type, and
/// launches kernels with arguments checked against their signatures: too few would end the process.
final class KernelLauncher implements AutoCloseable {
    private static final int MOST_PARAMETERS = 64;
    private static final int MOST_BYTES = 4096;
    private static final int SHARED_UNASKED = 48 << 10; // bytes a block has without asking

    private final CudaDevice device;
    private final PtxCache cache;
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<Kernel, Map<DType, Loaded>> loaded = new IdentityHashMap<>();
    private final ByteBuffer values =
            ByteBuffer.allocateDirect(MOST_BYTES).order(ByteOrder.nativeOrder());
    private final ByteBuffer slots =
            ByteBuffer.allocateDirect(MOST_PARAMETERS * Long.BYTES).order(ByteOrder.nativeOrder());
    private final long valuesAddress = MemorySegment.ofBuffer(values).address();
    private final Pointer slotsPointer = Pointer.to(slots);

    KernelLauncher(CudaDevice device, PtxCache cache) {
        this.device = device;
        this.cache = cache;
    }

    private static final class Loaded {
        final CUfunction function = new CUfunction();
        int sharedBytes = SHARED_UNASKED;
    }

    /// Puts one launch on the device's stream.
    ///
    /// @param element the type that the source is compiled for
    /// @param arguments one for each parameter of the signature, of the type it takes
    void launch(Kernel kernel, DType element, Grid grid, Object... arguments) {
        synchronized (device) {
            device.enter();
            Loaded target = load(kernel, element);
            marshal(kernel.signature(), element, arguments);
            if (grid.sharedBytes() > target.sharedBytes) {
                askForShared(kernel, target, grid.sharedBytes());
            }
            int status =
                    JCudaDriver.cuLaunchKernel(
                            target.function,
                            grid.blocksX(),
                            grid.blocksY(),
                            1,
                            grid.threads(),
                            1,
                            1,
                            grid.sharedBytes(),
                            device.stream(),
                            slotsPointer,
                            null);
            CudaStatus.driver(status, "cuLaunchKernel", new Call(kernel, arguments));
        }
    }

    private void marshal(KernelSignature signature, DType element, Object... arguments) {
        List<Parameter> parameters = signature.parameters();
        if (arguments.length != parameters.size()) {
            throw new IllegalArgumentException(
                    "%s takes %d arguments, got %d"
                            .formatted(signature, parameters.size(), arguments.length));
        }
        values.clear();
        for (int i = 0; i < arguments.length; i++) {
            int position = (values.position() + 7) & -8;
            values.position(position);
            slots.putLong(i * Long.BYTES, valuesAddress + position);
            Parameter parameter = parameters.get(i);
            if (!parameter.type().accepts(arguments[i], element)) {
                throw new IllegalArgumentException(
                        "%s in %s: argument %d must be %s, got %s"
                                .formatted(
                                        signature, element, i, parameter, describe(arguments[i])));
            }
            parameter.type().put(arguments[i], element, values);
        }
    }

    private static void askForShared(Kernel kernel, Loaded target, int bytes) {
        CudaStatus.driver(
                JCudaDriver.cuFuncSetAttribute(
                        target.function,
                        CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                        bytes),
                "cuFuncSetAttribute of %d bytes of shared memory".formatted(bytes),
                kernel.signature().name());
        target.sharedBytes = bytes;
    }

    private Loaded load(Kernel kernel, DType element) {
        return loaded.computeIfAbsent(kernel, _ -> new EnumMap<>(DType.class))
                .computeIfAbsent(element, _ -> find(kernel, element));
    }

    private Loaded find(Kernel kernel, DType element) {
        KernelSource source = kernel.source();
        CUmodule module =
                modules.computeIfAbsent(
                        source.family() + " " + element, _ -> module(source, element));
        Loaded found = new Loaded();
        String name = kernel.signature().name();
        CudaStatus.driver(
                JCudaDriver.cuModuleGetFunction(found.function, module, name),
                "cuModuleGetFunction",
                "%s of %s".formatted(name, source.fileName()));
        return found;
    }

    /// From the cache; what it gives and the driver refuses is compiled again.
    private CUmodule module(KernelSource source, DType element) {
        List<String> options = new ArrayList<>(source.options(element));
        options.add("--gpu-architecture=compute_" + Nvrtc.architecture(device.capability()));
        String key =
                PtxCache.key(
                        source.family() + "-" + element,
                        source.text(),
                        KernelSource.headerTexts().toString(),
                        options.toString(),
                        Nvrtc.version(),
                        device.isSimulated() ? device.name() : "");
        CUmodule module = new CUmodule();
        boolean cached =
                cache.get(key)
                        .filter(ptx -> JCudaDriver.cuModuleLoadData(module, ptx + "\0") == 0)
                        .isPresent();
        if (!cached) {
            String ptx =
                    Nvrtc.ptx(
                            new Nvrtc.Request(
                                    source.fileName(),
                                    source.text(),
                                    KernelSource.HEADERS,
                                    KernelSource.headerTexts(),
                                    options));
            CudaStatus.driver(
                    JCudaDriver.cuModuleLoadData(module, ptx + "\0"),
                    "cuModuleLoadData",
                    "%s for %s".formatted(source.fileName(), element));
            cache.put(key, ptx);
        }
        return module;
    }

    /// A launch in words, for an error.
    private record Call(Kernel kernel, Object... arguments) {
        @Override
        public String toString() {
            List<String> words = new ArrayList<>();
            List<Parameter> parameters = kernel.signature().parameters();
            for (int i = 0; i < arguments.length; i++) {
                words.add(parameters.get(i).name() + " " + describe(arguments[i]));
            }
            return "%s(%s)".formatted(kernel.signature().name(), String.join(", ", words));
        }
    }

    private static String describe(Object argument) {
        return switch (argument) {
            case null -> "null";
            case Buffer buffer -> "[%d] %s".formatted(buffer.length(), buffer.dtype());
            case DeviceAddress _ -> "scratch";
            case long[] axes -> Arrays.toString(axes);
            default -> "%s (%s)".formatted(argument, argument.getClass().getSimpleName());
        };
    }

    @Override
    public void close() {
        device.enter();
        for (CUmodule module : modules.values()) {
            CudaStatus.driver(
                    JCudaDriver.cuModuleUnload(module), "cuModuleUnload", "close device");
        }
        modules.clear();
        loaded.clear();
    }
}
