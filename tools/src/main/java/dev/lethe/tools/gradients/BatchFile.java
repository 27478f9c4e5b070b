package dev.lethe.tools.gradients;

import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.tools.command.FailedException;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A safetensors file with `main.`, `forget.`, `retain.` + `input_ids, attention_mask`, and for RMU
/// `rmu.u`.
public final class BatchFile implements AutoCloseable {
    private static final String IDS = ".input_ids";
    private static final String CONTROL_VECTOR = "rmu.u";

    private final SafeTensors file;

    public BatchFile(Path path) {
        file = SafeTensors.open(path);
    }

    public SafeTensors tensors() {
        return file;
    }

    /// What the file has data for.
    ///
    /// @throws FailedException for nothing
    List<Role> roles() {
        List<Role> roles =
                Arrays.stream(Role.values())
                        .filter(role -> file.contains(role.label() + IDS))
                        .toList();
        if (roles.isEmpty()) {
            throw new FailedException(
                    "%s: expected main%s, forget%s or retain%s, got none; store ids under such a name"
                            .formatted(file.path(), IDS, IDS, IDS));
        }
        return roles;
    }

    /// The batches of the roles, checked against the model.
    ///
    /// @throws CheckpointException where one is missing
    /// @throws FailedException where one is not as it must be
    public StepBatch read(List<Role> roles, Gemma2Config config) {
        Map<Role, Batch> batches = new EnumMap<>(Role.class);
        for (Role role : roles) {
            batches.put(role, batch(role, config));
        }
        return StepBatch.of(batches);
    }

    private Batch batch(Role role, Gemma2Config config) {
        String idsName = role.label() + IDS;
        String maskName = role.label() + ".attention_mask";
        Entry ids = file.entry(idsName);
        if (ids.shape().size() != 2 || ids.elements() == 0) {
            throw new FailedException(
                    ("%s: %s: expected shape [rows, tokens] with at least one of each, got %s;"
                                    + " store it so")
                            .formatted(file.path(), idsName, ids.shape()));
        }
        int rows = Math.toIntExact(ids.shape().get(0));
        int tokens = Math.toIntExact(ids.shape().get(1));
        try {
            int[] lengths = new int[rows];
            Arrays.fill(lengths, tokens);
            if (file.contains(maskName)) {
                lengths = Batch.lengths(maskName, rows, tokens, mask(maskName, ids));
            }
            return Batch.shifted(rows, tokens, ids.toInts(), lengths)
                    .requireVocabulary(idsName, config.vocabSize());
        } catch (CheckpointException | IllegalArgumentException e) {
            throw new FailedException(file.path() + ": " + e.getMessage(), e);
        }
    }

    private int[] mask(String name, Entry ids) {
        Entry mask = file.entry(name);
        if (!mask.shape().equals(ids.shape())) {
            throw new IllegalArgumentException(
                    "%s: expected the shape %s of the ids, got %s; store one mark an id"
                            .formatted(name, ids.shape(), mask.shape()));
        }
        return mask.toInts();
    }

    /// RMU's direction as stored, where the file has one.
    Optional<double[]> controlVector(Gemma2Config config) {
        if (!file.contains(CONTROL_VECTOR)) {
            return Optional.empty();
        }
        return Optional.of(
                file.entry(CONTROL_VECTOR, List.of((long) config.hiddenSize())).toDoubles());
    }

    @Override
    public void close() {
        file.close();
    }
}
