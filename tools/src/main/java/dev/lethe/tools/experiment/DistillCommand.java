package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.model.pipeline.Task;
import java.util.Optional;
import picocli.CommandLine.Command;

/// `lethe distill`: a student learns from its teacher alone.
@Command(name = "distill", description = "Trains a student on the answers of a teacher.")
public final class DistillCommand extends StageCommand<DistillCommand.File> {
    /// @param data which part of the task's data
    /// @param mixtures absent: those of the task's preset
    /// @param stop absent: all steps are made
    record File(
            Task task,
            Data.Mixture data,
            Optional<Mixtures> mixtures,
            Optional<Stop.RetainWithin> stop,
            Training training) {}

    public DistillCommand() {
        super(File.class, Need.MAY, Need.MUST);
    }

    @Override
    Task task(File file) {
        return file.task();
    }

    @Override
    StageSpec stage(File file, Models models, long seed) {
        return new StageSpec.Distill(
                models.from(),
                models.teacher().orElseThrow(),
                seed,
                file.mixtures().orElse(Mixtures.of(file.task())).data(file.data(), 0),
                file.training().optimization(),
                file.stop().<Stop>map(rule -> rule).orElse(new Stop.Never()));
    }
}
