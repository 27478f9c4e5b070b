package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.pipeline.Task;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/// `lethe unlearn`: suppresses the forget data.
@Command(name = "unlearn", description = "Makes a model suppress the forget data.")
public final class UnlearnCommand extends StageCommand<UnlearnCommand.File> {
    /// Exactly one method; at most one guard.
    ///
    /// @param mixtures absent: those of the task's preset
    record File(
            Task task,
            Optional<Weight> graddiff,
            Optional<Weight> maxent,
            Optional<Method.Rmu> rmu,
            Optional<CustomMethod> custom,
            Optional<Guard.Sam> sam,
            Optional<Guard.RepNoise> repnoise,
            Optional<Mixtures> mixtures,
            Training training) {
        File {
            if (Stream.of(graddiff, maxent, rmu, custom).filter(Optional::isPresent).count() != 1
                    || sam.isPresent() && repnoise.isPresent()) {
                throw new IllegalArgumentException(
                        "expected one of graddiff, maxent, rmu, custom and at most one of sam, repnoise, got"
                                + " others; correct them");
            }
        }

        private Method method() {
            return graddiff.<Method>map(one -> new Method.GradDiff(one.alpha()))
                    .or(() -> maxent.map(one -> new Method.MaxEnt(one.alpha())))
                    .or(() -> rmu)
                    .or(() -> custom.map(CustomMethod::method))
                    .orElseThrow();
        }

        private Guard guard() {
            return sam.<Guard>map(one -> one).or(() -> repnoise).orElse(new Guard.None());
        }
    }

    /// @param alpha of the retain term
    record Weight(double alpha) {}

    public UnlearnCommand() {
        super(File.class, Need.MUST, Need.NO);
    }

    @Override
    Task task(File file) {
        return file.task();
    }

    @Override
    void prepare(File file, StageStore store) {
        file.custom().ifPresent(custom -> store.adoptJar(custom.file()));
    }

    @Override
    StageSpec stage(File file, Models models, long seed) {
        return new StageSpec.Unlearn(
                models.from().orElseThrow(),
                file.method(),
                file.guard(),
                seed,
                file.mixtures().orElse(Mixtures.of(file.task())).forgetRetain(),
                file.training().optimization());
    }
}
