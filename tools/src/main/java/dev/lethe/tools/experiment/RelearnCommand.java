package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.Questions;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Task;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/// `lethe relearn`: the relearning attack at one rate.
@Command(name = "relearn", description = "Attacks a model: trains a copy on forget data and looks at what comes back.")
public final class RelearnCommand extends StageCommand<RelearnCommand.File> {
    /// @param data forget, or forget-half, of which the other half judges
    /// @param mixtures absent: those of the task's preset
    /// @param rate constant learning rate
    /// @param lookAt steps at which to look, from 0; the last ends the attack
    /// @param questions asked at each look
    record File(
            Task task,
            Data.Mixture data,
            Optional<Mixtures> mixtures,
            double rate,
            int rows,
            int microBatches,
            List<Long> lookAt,
            Optional<Questions> questions) {
        File {
            if (lookAt.isEmpty()) {
                throw new IllegalArgumentException(
                        "lookAt: expected steps rising from 0, got none; name some");
            }
        }
    }

    public RelearnCommand() {
        super(File.class, Need.MUST, Need.NO);
    }

    @Override
    Task task(File file) {
        return file.task();
    }

    @Override
    StageSpec stage(File file, Models models, long seed) {
        return new StageSpec.Relearn(
                models.from().orElseThrow(),
                seed,
                file.mixtures().orElse(Mixtures.of(file.task())).data(file.data(), 0),
                Training.constant(
                        file.lookAt().getLast(), file.rows(), file.microBatches(), file.rate()),
                file.lookAt(),
                file.questions().orElse(Questions.NONE));
    }
}
