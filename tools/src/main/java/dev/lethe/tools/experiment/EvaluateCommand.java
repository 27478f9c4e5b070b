package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Task;
import picocli.CommandLine.Command;

/// `lethe evaluate`: abilities of a model, before any attack.
@Command(name = "evaluate", description = "Measures what a model can do.")
public final class EvaluateCommand extends StageCommand<EvaluateCommand.File> {
    record File(Task task) {}

    public EvaluateCommand() {
        super(File.class, Need.MUST, Need.NO);
    }

    @Override
    Task task(File file) {
        return file.task();
    }

    @Override
    StageSpec stage(File file, Models models, long seed) {
        return new StageSpec.Evaluate(models.from().orElseThrow());
    }
}
