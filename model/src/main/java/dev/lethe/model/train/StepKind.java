package dev.lethe.model.train;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import java.util.EnumMap;
import java.util.Map;
import java.util.SequencedMap;

/// What decides the work of a step, all but the numbers in its batch: steps of one kind differ in
/// what they read from memory alone.
///
/// @param extents of each role
/// @param numbers of the whole batch, by name, that the work does not read from memory
record StepKind(
        Map<StepBatch.Role, Extent> extents, SequencedMap<String, Double> numbers) {
    record Extent(int rows, int tokens) {}

    static StepKind of(StepBatch batch, SequencedMap<String, Double> numbers) {
        Map<StepBatch.Role, Extent> extents = new EnumMap<>(StepBatch.Role.class);
        for (StepBatch.Role role : batch.roles()) {
            Batch rows = batch.get(role);
            extents.put(role, new Extent(rows.rows(), rows.tokens()));
        }
        return new StepKind(extents, numbers);
    }
}
