package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Task;
import picocli.CommandLine.Command;

/// `lethe perturb`: UNDO's shrink and perturb.
@Command(name = "perturb", description = "Shrinks a model and adds noise to it, as UNDO does.")
public final class PerturbCommand extends StageCommand<PerturbCommand.File> {
    /// @param alpha share of the weights replaced, from 0 to 1
    /// @param beta gain of the noise
    record File(Task task, double alpha, double beta) {}

    public PerturbCommand() {
        super(File.class, Need.MUST, Need.NO);
    }

    @Override
    Task task(File file) {
        return file.task();
    }

    @Override
    StageSpec stage(File file, Models models, long seed) {
        return new StageSpec.Perturb(
                models.from().orElseThrow(), file.alpha(), file.beta(), seed);
    }
}
