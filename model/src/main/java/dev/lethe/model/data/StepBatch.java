package dev.lethe.model.data;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The data of one step by the part it plays in an objective.
public final class StepBatch {
    /// What a batch is for.
    public enum Role {
        /// Pretraining, distillation, relearning.
        MAIN,
        /// What is to be unlearned.
        FORGET,
        /// What is to be kept.
        RETAIN;

        /// As in batch files: `main`, `forget`, `retain`.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Role, Batch> batches;
    private final long step;

    private StepBatch(Map<Role, Batch> batches, long step) {
        this.batches = batches;
        this.step = step;
    }

    public static StepBatch main(Batch batch) {
        return of(Map.of(Role.MAIN, batch));
    }

    public static StepBatch forgetAndRetain(Batch forget, Batch retain) {
        return of(Map.of(Role.FORGET, forget, Role.RETAIN, retain));
    }

    public static StepBatch of(Map<Role, Batch> batches) {
        return new StepBatch(new EnumMap<>(batches), 0);
    }

    /// The same data as that of another step. The trainer says which, so that an objective's noise
    /// is a function of the step and a run can go on anywhere.
    ///
    /// @param number 0 for the first
    public StepBatch at(long number) {
        return new StepBatch(batches, number);
    }

    /// The step that this is the data of, 0 for the first.
    public long step() {
        return step;
    }

    /// What there is data for.
    public Set<Role> roles() {
        return Collections.unmodifiableSet(batches.keySet());
    }

    public Batch get(Role role) {
        Batch batch = batches.get(role);
        if (batch == null) {
            throw new IllegalArgumentException(
                    "batch: the objective needs %s data, got only %s"
                            .formatted(role.label(), batches.keySet()));
        }
        return batch;
    }

    /// Part `index` of `count` nearly equal parts by rows, cut by shape alone.
    public StepBatch part(int index, int count) {
        return part(index, count, null);
    }

    /// As above, into the arrays of a part that nobody reads any more, where it has the size: the
    /// data of a step is most of what it would leave on the heap.
    ///
    /// @param spare null for new arrays
    public StepBatch part(int index, int count, StepBatch spare) {
        Map<Role, Batch> parts = new EnumMap<>(Role.class);
        for (Map.Entry<Role, Batch> entry : batches.entrySet()) {
            Batch batch = entry.getValue();
            int from = (int) ((long) batch.rows() * index / count);
            int to = (int) ((long) batch.rows() * (index + 1) / count);
            Batch old = spare == null ? null : spare.batches.get(entry.getKey());
            parts.put(entry.getKey(), batch.rows(from, to, old));
        }
        return new StepBatch(parts, step);
    }

    /// Real tokens of all parts.
    public long tokens() {
        return batches.values().stream().mapToLong(Batch::positions).sum();
    }

    /// Rows of the smallest role: the most parts of which each has a row of every role.
    public int rows() {
        return batches.values().stream().mapToInt(Batch::rows).min().orElse(0);
    }
}
