package dev.lethe.model.train;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.BlockSource.Block;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The works of the latest kinds of steps, and the memory that they were kept with: they share it,
/// since one runs at a time. Where it must grow they are all forgotten.
final class KeptSteps implements AutoCloseable {
    private static final int MOST_WORKS = 4;
    private static final int MOST_KINDS = 64;

    private final Backend backend;
    private final StepGraphs graphs;
    private final Map<StepKind, Long> usedBytes = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<StepKind, StepGraphs.Recorded> works = new LinkedHashMap<>(16, 0.75f, true);
    private Block values; // of a part, while it is computed
    private TensorArena arena; // of the inputs
    private Buffer inputs;

    KeptSteps(Backend backend, StepGraphs graphs) {
        this.backend = backend;
        this.graphs = graphs;
    }

    /// Says that a step of this kind was run directly.
    ///
    /// @param bytes that a part of it used at most
    void seen(StepKind kind, long bytes) {
        usedBytes.put(kind, bytes);
        if (usedBytes.size() > MOST_KINDS) {
            usedBytes.remove(usedBytes.keySet().iterator().next());
        }
    }

    boolean hasSeen(StepKind kind) {
        return usedBytes.get(kind) != null; // and is the latest now
    }

    /// Memory for what a step reads, I32, the same at every call unless it must grow.
    Buffer inputs(long length) {
        if (inputs == null || inputs.length() < length) {
            forget();
            if (arena != null) {
                arena.close();
            }
            arena = backend.openLongLived();
            inputs = arena.allocate(DType.I32, length);
        }
        return inputs.slice(0, length);
    }

    /// The kept work of a kind that was seen, kept now where it is not yet.
    ///
    /// @param work given the arenas to open for its parts, one after the other
    StepGraphs.Recorded of(StepKind kind, Consumer<Supplier<TensorArena>> work) {
        StepGraphs.Recorded known = works.get(kind);
        if (known != null) {
            return known;
        }
        long bytes = usedBytes.get(kind);
        if (values == null || values.bytes() < bytes) {
            forget();
            lend();
            values = backend.memory().acquire(bytes, 0);
        }
        if (works.size() == MOST_WORKS) {
            works.remove(works.keySet().iterator().next()).close();
        }
        Block mine = values;
        StepGraphs.Recorded recorded =
                graphs.record(
                        "training step",
                        () -> work.accept(() -> TensorArena.openWithin(backend, mine)));
        works.put(kind, recorded);
        return recorded;
    }

    /// Leaves the memory of values to others, between steps, until [#regain].
    void lend() {
        if (values != null) {
            backend.memory().giveBack(List.of(values), 1, values.bytes());
        }
    }

    void regain() {
        if (values != null && !backend.memory().takeAgain(values)) {
            values = null;
            forget();
        }
    }

    private void forget() {
        works.values().forEach(StepGraphs.Recorded::close);
        works.clear();
    }


    @Override
    public void close() {
        forget();
        lend();
        if (arena != null) {
            arena.close();
        }
    }
}
