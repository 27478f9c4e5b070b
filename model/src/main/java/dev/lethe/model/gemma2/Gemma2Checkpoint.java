package dev.lethe.model.gemma2;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import dev.lethe.model.checkpoint.TensorSource;
import dev.lethe.model.checkpoint.WeightFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A model directory as Hugging Face lays it out: `config.json` and `model.safetensors` (or shards), the
/// tied head not stored.
public final class Gemma2Checkpoint {
    private Gemma2Checkpoint() {}

    /// Reads configuration and weights of a directory.
    ///
    /// @throws CheckpointException where a weight is missing or has another shape
    /// @throws ConfigException where the configuration is no Gemma 2 that can be honoured
    public static Gemma2 load(Path directory, Backend backend, DType dtype) {
        Gemma2Config config = Gemma2ConfigJson.read(directory);
        return load(directory, config, backend, dtype);
    }

    /// As above, to be trained: the masters are the stored numbers, the parameters these rounded.
    public static Gemma2 load(Path directory, Backend backend, Precision precision) {
        return load(directory, Gemma2ConfigJson.read(directory), backend, precision);
    }

    /// Reads the weights of a file or directory for a configuration that is known.
    ///
    /// @throws CheckpointException where a weight is missing or has another shape, or a stored head
    ///     is another than the embedding
    public static Gemma2 load(Path weights, Gemma2Config config, Backend backend, DType dtype) {
        return filled(weights, () -> Gemma2.allocate(config, backend, dtype));
    }

    /// As above, to be trained.
    public static Gemma2 load(
            Path weights, Gemma2Config config, Backend backend, Precision precision) {
        return filled(weights, () -> Gemma2.allocate(config, backend, precision));
    }

    private static Gemma2 filled(Path weights, Supplier<Gemma2> allocate) {
        try (WeightFiles source = WeightFiles.open(weights)) {
            TiedHead.require(source);
            Gemma2 model = allocate.get();
            try {
                for (ParameterShape shape : model.config().parameterShapes()) {
                    copy(source, shape.name(), model.masters());
                }
                model.roundMasters();
                return model;
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        }
    }

    /// Overwrites one parameter with the tensor of that name.
    public static void copy(TensorSource source, String name, Parameters parameters) {
        copy(source, name, parameters, name);
    }

    /// Overwrites the parameter `name` with the stored tensor `storedName`, converted to its type.
    public static void copy(
            TensorSource source, String storedName, Parameters parameters, String name) {
        Tensor into = parameters.get(name);
        List<Long> shape = new ArrayList<>();
        for (int dim : into.shape().dims()) {
            shape.add((long) dim);
        }
        Entry entry = source.entry(storedName, shape);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(into.buffer().bytes(), Long.BYTES);
            entry.copyTo(stored(into.dtype()), host);
            parameters.backend().upload(host, into.buffer());
        }
        parameters.flat().markChanged();
    }

    /// Writes `config.json` and `model.safetensors`, each beside its place and renamed. What is
    /// stored are the masters: F32 in mixed precision.
    public static void save(Gemma2 model, Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot make this directory (%s); expected a writable place"
                            .formatted(directory, e.getClass().getSimpleName()),
                    e);
        }
        Parameters parameters = model.masters();
        try (Arena arena = Arena.ofConfined()) {
            List<Entry> entries = new ArrayList<>();
            for (String name : parameters.names()) {
                entries.add(entry(name, parameters.get(name), arena));
            }
            SafeTensorsWriter.write(directory.resolve(WeightFiles.SINGLE), entries);
        }
        Gemma2ConfigWriter.write(
                directory.resolve(Gemma2ConfigJson.FILE),
                model.config(),
                stored(parameters.dtype()));
    }

    /// A tensor's values as they are written to a file.
    public static Entry entry(String name, Tensor tensor, Arena arena) {
        MemorySegment host = arena.allocate(tensor.buffer().bytes(), Long.BYTES);
        tensor.backend().download(tensor.buffer(), host);
        List<Long> shape = new ArrayList<>();
        for (int dim : tensor.shape().dims()) {
            shape.add((long) dim);
        }
        return new Entry(name, stored(tensor.dtype()), shape, host);
    }

    private static ElementType stored(DType dtype) {
        return switch (dtype) {
            case F32 -> ElementType.F32;
            case F64 -> ElementType.F64;
            case BF16 -> ElementType.BF16;
            case I32 -> ElementType.I32;
        };
    }
}
