package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Task;
import java.util.Optional;
import picocli.CommandLine.Command;

/// `lethe pretrain`: next-token training from random weights.
@Command(name = "pretrain", description = "Trains a model from random weights to predict the next token.")
public final class PretrainCommand extends StageCommand<PretrainCommand.File> {
    /// @param data which part of the task's data
    /// @param mixtures absent: those of the task's preset
    record File(
            Task task,
            Experiment.Size model,
            Data.Mixture data,
            Optional<Mixtures> mixtures,
            Training training) {}

    public PretrainCommand() {
        super(File.class, Need.NO, Need.NO);
    }

    @Override
    Task task(File file) {
        return file.task();
    }

    @Override
    StageSpec stage(File file, Models models, long seed) {
        return new StageSpec.Pretrain(
                file.task(),
                file.model().config(),
                seed,
                file.mixtures().orElse(Mixtures.of(file.task())).data(file.data(), 0),
                file.training().optimization());
    }
}
