package dev.lethe.model.train;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.model.checkpoint.AtomicDirectory;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import dev.lethe.model.checkpoint.TensorSource;
import dev.lethe.model.checkpoint.WeightFiles;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// A training that can go on, as a directory: the model as Hugging Face lays it out, the moments in
/// `optimizer.safetensors` as `m.<name>` and `v.<name>`, and `state.json` with counters, format
/// version and checksums.
///
/// All numbers are stored in the type of the masters, so the run that goes on has the bits of one
/// that never stopped. The directory is replaced whole; a crash leaves the old one or the new one.
public final class TrainingCheckpoint {
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String M = "m.";
    private static final String V = "v.";
    private static final Set<String> FILES =
            Set.of(Gemma2ConfigJson.FILE, WeightFiles.SINGLE, OPTIMIZER);

    private TrainingCheckpoint() {}

    /// Replaces the checkpoint in `directory`.
    ///
    /// @param state of the trainer of this model, exported after the same step
    /// @throws CheckpointException where the place cannot be written; an old checkpoint is then
    ///     still there
    public static void save(Path directory, Gemma2 model, TrainerState state) {
        AtomicDirectory.write(
                directory,
                inside -> {
                    Gemma2Checkpoint.save(model, inside);
                    writeMoments(inside.resolve(OPTIMIZER), state.optimizer());
                    TreeMap<String, String> checksums = new TreeMap<>();
                    FILES.forEach(name -> checksums.put(name, Checksum.of(inside.resolve(name))));
                    new StateFile(
                                    state.steps(),
                                    state.tokens(),
                                    state.optimizer().steps(),
                                    checksums)
                            .write(inside);
                });
    }

    private static void writeMoments(Path file, AdamW.State optimizer) {
        try (Arena arena = Arena.ofConfined()) {
            List<Entry> entries = new ArrayList<>();
            for (String name : optimizer.m().names()) {
                entries.add(Gemma2Checkpoint.entry(M + name, optimizer.m().get(name), arena));
                entries.add(Gemma2Checkpoint.entry(V + name, optimizer.v().get(name), arena));
            }
            SafeTensorsWriter.write(file, entries);
        }
    }

    /// Whether there is a checkpoint to load.
    public static boolean exists(Path directory) {
        return AtomicDirectory.find(directory).isPresent();
    }

    /// Removes the checkpoint and whatever a crash left beside it.
    public static void delete(Path directory) {
        AtomicDirectory.delete(directory);
    }

    /// Overwrites the model's parameters and returns the state for [Trainer#restore], to be closed
    /// by the caller. Nothing is overwritten before all files are seen to be whole and to belong to
    /// this model.
    ///
    /// @param model of the same configuration and element type as the saved one
    /// @throws CheckpointException where there is none, it is damaged, or it belongs to another
    ///     model
    public static TrainerState load(Path directory, Gemma2 model) {
        Path place =
                AtomicDirectory.find(directory)
                        .orElseThrow(
                                () ->
                                        new CheckpointException(
                                                directory
                                                        + ": expected a training checkpoint, got no"
                                                        + " directory; begin the training anew"));
        StateFile state = verified(place);
        Gemma2Config stored = Gemma2ConfigJson.read(place);
        if (!stored.equals(model.config())) {
            throw new CheckpointException(
                    "%s: expected the configuration %s, got %s; use the checkpoint of this model"
                            .formatted(place, model.config(), stored));
        }
        Parameters parameters = model.masters();
        try (WeightFiles weights = WeightFiles.open(place);
                SafeTensors moments = SafeTensors.open(place.resolve(OPTIMIZER))) {
            for (Parameters.Spec spec : parameters.specs()) {
                require(weights, spec.name(), parameters.dtype(), spec);
                require(moments, M + spec.name(), parameters.dtype(), spec);
                require(moments, V + spec.name(), parameters.dtype(), spec);
            }
            AdamW.State optimizer =
                    new AdamW.State(
                            state.optimizerSteps(),
                            parameters.zerosLike(),
                            parameters.zerosLike());
            try {
                for (String name : parameters.names()) {
                    Gemma2Checkpoint.copy(weights, name, parameters);
                    Gemma2Checkpoint.copy(moments, M + name, optimizer.m(), name);
                    Gemma2Checkpoint.copy(moments, V + name, optimizer.v(), name);
                }
                model.roundMasters();
                return new TrainerState(state.steps(), state.tokens(), optimizer);
            } catch (RuntimeException | Error e) {
                optimizer.close();
                throw e;
            }
        }
    }

    private static StateFile verified(Path place) {
        StateFile state = StateFile.read(place);
        if (!state.files().keySet().equals(FILES)) {
            throw StateFile.damaged(place, new TreeMap<>(state.files()).keySet(), FILES);
        }
        state.files()
                .forEach(
                        (name, expected) -> {
                            String got = Checksum.of(place.resolve(name));
                            if (!got.equals(expected)) {
                                throw StateFile.damaged(
                                        place.resolve(name), "checksum " + expected, got);
                            }
                        });
        return state;
    }

    private static void require(
            TensorSource source, String name, DType dtype, Parameters.Spec spec) {
        List<Long> shape =
                Arrays.stream(spec.shape().dims()).asLongStream().boxed().toList();
        ElementType stored = source.entry(name, shape).dtype();
        if (!stored.name().equals(dtype.name())) {
            throw new CheckpointException(
                    "%s: tensor `%s`: expected %s, got %s; go on in the element type that the training began in"
                            .formatted(source.path(), name, dtype, stored));
        }
    }
}
