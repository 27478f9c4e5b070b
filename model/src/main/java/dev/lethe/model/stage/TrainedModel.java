package dev.lethe.model.stage;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.Trainer;

/// What a stage made, and at what price.
///
/// @param model closed by whoever ran the stage
/// @param ended why the training was over
public record TrainedModel(Gemma2 model, Compute compute, Trainer.Ended ended)
        implements AutoCloseable {
    @Override
    public void close() {
        model.close();
    }
}
