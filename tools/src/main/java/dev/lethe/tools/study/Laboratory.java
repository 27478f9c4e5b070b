package dev.lethe.tools.study;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageReplay;
import dev.lethe.model.pipeline.StageRunner;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.study.GradientStudy;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.experiment.FinishedRun;
import dev.lethe.tools.progress.WorkProgress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What a study works with.
///
/// @param dtype that models are loaded in
/// @param own the user's objective, where one was named
/// @param shown takes how far the study is, of 1
/// @param notes takes lines for people
record Laboratory(
        Backend backend,
        Workers workers,
        DType dtype,
        Subjects subjects,
        Rows rows,
        Optional<OwnObjective> own,
        WorkProgress shown,
        Consumer<String> notes) {

    GradientStudy study() {
        return new GradientStudy(workers);
    }

    /// The caller closes it.
    Gemma2 load(Subject subject) {
        return Gemma2Checkpoint.load(subject.directory(), backend, dtype);
    }

    List<Subject> select(List<String> names) {
        return subjects.select(names, notes);
    }

    /// The run's model of that name, else a line that says what the study needs it for.
    Subject require(String name, String purpose) {
        return subjects.find(name)
                .orElseThrow(
                        () ->
                                new FailedException(
                                        "study: expected a model %s, %s, got %s; study a run that has it"
                                                .formatted(
                                                        name,
                                                        purpose,
                                                        subjects.all().stream()
                                                                .map(Subject::name)
                                                                .toList())));
    }

    /// The run, where the study needs its stages or results; the first of several.
    FinishedRun requireRun(String purpose) {
        return subjects.firstRun()
                .orElseThrow(
                        () ->
                                new RefusedException(
                                        "--from: expected a finished run, %s, got model directories; name RUNS/EXPERIMENT"
                                                .formatted(purpose)));
    }

    /// Trains stages of a run again, on the device and in the type that made it.
    StageReplay replay(FinishedRun run) {
        return new StageReplay(runner(run));
    }

    /// Finds and makes stages in a run's store.
    StageRunner runner(FinishedRun run) {
        String made = run.run().summary().device();
        if (!backend.name().equals(made)) {
            throw new RefusedException(
                    "--device: expected %s, which made the run, since its training is made again, got %s; choose it"
                            .formatted(made, backend.name()));
        }
        return new StageRunner(
                run.store(),
                new Machine(backend, run.precision(), workers),
                StageRunner.EVERY,
                StageListener.NONE);
    }

    /// A part of the study's work.
    ///
    /// @param name shown beside the bar
    /// @param from share of the work before it
    /// @param share of the work that it is
    Progress part(String name, double from, double share) {
        return (done, most) -> shown.show(from + share * done / most, name);
    }
}
