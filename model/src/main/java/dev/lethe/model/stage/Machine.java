package dev.lethe.model.stage;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gemma2.Precision;

/// Where stages run. None of it is part of what they compute, but for the bits of backend and
/// precision.
public record Machine(Backend backend, Precision precision, Workers workers) {
    /// The same with one thread, for work that runs side by side with other such work.
    public Machine alone(Workers one) {
        if (one.threads() != 1) {
            throw new IllegalArgumentException(
                    "machine: expected one thread, got " + one.threads());
        }
        return new Machine(backend, precision, one);
    }
}
