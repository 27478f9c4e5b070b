package dev.lethe.model.stage;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;

/// Where stages run. None of it is part of what they compute, but for the bits of backend and type.
public record Machine(Backend backend, DType dtype, Workers workers) {
    /// The same with one thread, for work that runs side by side with other such work.
    public Machine alone(Workers one) {
        if (one.threads() != 1) {
            throw new IllegalArgumentException(
                    "machine: expected one thread, got " + one.threads());
        }
        return new Machine(backend, dtype, one);
    }
}
