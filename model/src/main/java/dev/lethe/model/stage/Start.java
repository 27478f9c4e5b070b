package dev.lethe.model.stage;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;

/// The weights that a stage begins with.
public sealed interface Start permits Start.Fresh, Start.Copy {
    /// A model of its own, to be closed by the caller.
    Gemma2 make(Machine machine);

    /// Random weights.
    record Fresh(Gemma2Config config, long seed) implements Start {
        @Override
        public Gemma2 make(Machine machine) {
            Gemma2 model = Gemma2.allocate(config, machine.backend(), machine.dtype());
            Initialization.randomize(model, seed);
            return model;
        }
    }

    /// Those of another model, which stays as it is.
    record Copy(Gemma2 model) implements Start {
        @Override
        public Gemma2 make(Machine machine) {
            return model.copy();
        }
    }
}
