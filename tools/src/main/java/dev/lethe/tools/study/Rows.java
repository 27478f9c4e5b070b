package dev.lethe.tools.study;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.SpecFile;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.pipeline.StudyData;
import dev.lethe.model.pipeline.Subject;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.experiment.FinishedRun;
import dev.lethe.tools.gradients.BatchFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The rows on which models are studied, the same for all of them.
///
/// @param mixed for distillation
record Rows(Batch forget, Batch retain, Batch mixed) {
    private static final int STREAM = 7; // away from the rows that stages train on

    StepBatch all() {
        return StepBatch.of(
                new EnumMap<>(
                        Map.of(Role.MAIN, mixed, Role.FORGET, forget, Role.RETAIN, retain)));
    }

    /// Of a file as `lethe gradients` reads it: forget and retain rows, and main ones where there
    /// are any.
    static Rows of(Path file, Gemma2Config config) {
        try (BatchFile batch = new BatchFile(file)) {
            List<Role> roles = new ArrayList<>(List.of(Role.FORGET, Role.RETAIN));
            boolean main = batch.tensors().contains("main.input_ids");
            if (main) {
                roles.add(Role.MAIN);
            }
            StepBatch read = batch.read(roles, config);
            return new Rows(
                    read.get(Role.FORGET),
                    read.get(Role.RETAIN),
                    read.get(main ? Role.MAIN : Role.RETAIN));
        }
    }

    /// Of the models' task.
    ///
    /// @param tokens positions of each role, at least; rows are whole
    static Rows of(Subjects subjects, int tokens, long seed) {
        if (tokens < 1) {
            throw new RefusedException(
                    "tokens: expected at least 1, got %d; correct it".formatted(tokens));
        }
        Subject subject = subject(subjects);
        Mixtures mixtures =
                subjects.firstRun()
                        .map(FinishedRun::mixtures)
                        .orElseGet(() -> Mixtures.of(subject.task()));
        StudyData data = StudyData.of(subject);
        int width = forgetAndRetain(data, mixtures, seed, 1).get(Role.FORGET).tokens();
        int rows = Math.max(1, (int) (((long) tokens + width - 1) / width));
        PartMemory.requireHeap(rows, width);
        StepBatch both = forgetAndRetain(data, mixtures, seed, rows);
        Data mixed = mixtures.data(Data.Mixture.MIXED, STREAM);
        return new Rows(
                both.get(Role.FORGET),
                both.get(Role.RETAIN),
                data.main(mixed, seed, rows).batch(0).get(Role.MAIN));
    }

    private static StepBatch forgetAndRetain(
            StudyData data, Mixtures mixtures, long seed, int rows) {
        return StepBatch.forgetAndRetain(
                rows(data, mixtures.data(Data.Mixture.FORGET, STREAM), seed, rows),
                rows(data, mixtures.data(Data.Mixture.RETAIN, STREAM), seed, rows));
    }

    private static Batch rows(StudyData data, Data of, long seed, int rows) {
        return data.main(of, seed, rows).batch(0).get(Role.MAIN);
    }

    /// That of the run, or of the stage that a model's directory is.
    private static Optional<Subject> subjectOf(Subjects subjects) {
        if (subjects.firstRun().isPresent()) {
            requireAlike(subjects.runs());
            return subjects.firstRun().map(Rows::subject);
        }
        return subjects.all().stream()
                .map(one -> one.directory().resolve(StageStore.CONFIG))
                .filter(Files::isRegularFile)
                .map(file -> SpecFile.read(file).subject())
                .findFirst();
    }

    private static Subject subject(FinishedRun run) {
        return run.members().getFirst().stage().subject();
    }

    /// Fails for runs whose models know different data.
    private static void requireAlike(SequencedMap<String, FinishedRun> runs) {
        String first = runs.firstEntry().getKey();
        FinishedRun one = runs.firstEntry().getValue();
        runs.forEach(
                (name, other) -> {
                    if (!subject(one).equals(subject(other))
                            || !one.mixtures().equals(other.mixtures())) {
                        throw new RefusedException(
                                "--from: expected runs of one task and equal mixtures, got %s and %s that differ; study them one by one, or add --batch FILE"
                                        .formatted(first, name));
                    }
                });
    }

    private static Subject subject(Subjects subjects) {
        return subjectOf(subjects)
                .orElseThrow(
                        () ->
                                new RefusedException(
                                        "--batch: expected a file of rows, since %s does not say its task, got none; add --batch FILE"
                                                .formatted(
                                                        subjects.all()
                                                                .getFirst()
                                                                .directory())));
    }
}
