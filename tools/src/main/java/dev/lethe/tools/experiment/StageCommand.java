package dev.lethe.tools.experiment;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageResult;
import dev.lethe.model.pipeline.StageRunner;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.pipeline.Task;
import dev.lethe.model.stage.Machine;
import dev.lethe.tools.command.ArenaUse;
import dev.lethe.tools.command.CheckpointDirectory;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.OutputDirectory;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.configuration.Configuration;
import dev.lethe.tools.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/// One stage of a study alone: its numbers from a YAML file, its models from directories. It runs in
/// the store, so that an interrupted one goes on; the result is copied to `--out`.
///
/// @param <F> what the file says
abstract class StageCommand<F extends Record> extends LetheCommand {
    private static final String FROM = "--from";
    private static final String TEACHER = "--teacher";
    private static final String OUT = "--out";

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The stage's numbers, in YAML.")
    private Path config;

    @Option(
            names = FROM,
            paramLabel = "DIR",
            description = "The model to begin with, as Hugging Face has it.")
    private Path from;

    @Option(
            names = TEACHER,
            paramLabel = "DIR",
            description = "The model to learn from, as Hugging Face has it.")
    private Path teacher;

    @Option(
            names = OUT,
            required = true,
            paramLabel = "DIR",
            description = "Where the result goes: a new or empty directory.")
    private Path out;

    private final Class<F> form;
    private final Need needsFrom;
    private final Need needsTeacher;

    /// Whether a stage takes a model.
    enum Need {
        NO,
        MAY,
        MUST
    }

    /// @param form of the file
    StageCommand(Class<F> form, Need needsFrom, Need needsTeacher) {
        this.form = form;
        this.needsFrom = needsFrom;
        this.needsTeacher = needsTeacher;
    }

    /// @param from and `teacher` are present where the stage must have them
    record Models(Optional<StageSpec.MakesModel> from, Optional<StageSpec.MakesModel> teacher) {}

    abstract Task task(F file);

    /// Takes what the stage needs beside its models into the store.
    void prepare(F file, StageStore store) {}

    /// The stage, or an IllegalArgumentException where there can be none.
    abstract StageSpec stage(F file, Models models, long seed);

    @Override
    protected final boolean hasConfiguration() {
        return true;
    }

    @Override
    protected final void run(CommonOptions options, Console console) {
        requireNeeded(FROM, from, needsFrom);
        requireNeeded(TEACHER, teacher, needsTeacher);
        OutputDirectory.requireFree(OUT, out);
        Configuration read = ExperimentFile.readStage(config, options.settings());
        F file = read.bind(form);
        try (Backend backend = options.openBackend();
                Workers workers = options.openWorkers()) {
            Machine machine = new Machine(backend, options.precision(Precision.F32), workers);
            StageStore store =
                    new StageStore(
                            options.runs().resolve("stages"), backend.name(), machine.precision());
            StageRunner runner =
                    new StageRunner(store, machine, StageRunner.EVERY, StageListener.NONE);
            prepare(file, store);
            StageSpec stage = stage(read.source(), file, runner, options);
            StageResult result = make(stage, runner, options, console);
            OutputDirectory.write(
                    OUT,
                    out,
                    into -> {
                        copy(store.directory(stage), into);
                        return into;
                    });
            tell(result, ArenaUse.of(backend.memory()), console);
        }
    }

    private void requireNeeded(String option, Path given, Need need) {
        if (given == null && need == Need.MUST) {
            throw new RefusedException(
                    "%s: expected a model's directory, got none; add %s DIR".formatted(option, option));
        }
        if (given != null && need == Need.NO) {
            throw new RefusedException(
                    "%s: expected no such option for this stage, got %s; leave it out"
                            .formatted(option, given));
        }
        if (given != null) {
            CheckpointDirectory.require(option, given);
        }
    }

    private StageSpec stage(String source, F file, StageRunner runner, CommonOptions options) {
        Models models =
                new Models(
                        Optional.ofNullable(from).map(one -> runner.adopt(task(file), one)),
                        Optional.ofNullable(teacher).map(one -> runner.adopt(task(file), one)));
        try {
            return stage(file, models, options.seed());
        } catch (IllegalArgumentException e) {
            throw new RefusedException(source + ": " + e.getMessage(), e);
        }
    }

    private static StageResult make(
            StageSpec stage, StageRunner silent, CommonOptions options, Console console) {
        Map<StageSpec, String> names = new LinkedHashMap<>();
        if (silent.store().find(stage).isEmpty()) {
            names.put(stage, stage.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        }
        Progress shown = Progress.on(options.quiet(), line -> console.note("%s", line));
        try (Interruption _ = Interruption.told(line -> console.note("%s", line));
                RunProgress progress =
                        new RunProgress(
                                names,
                                shown,
                                line -> console.note("%s", line))) {
            return new StageRunner(silent.store(), silent.machine(), silent.every(), progress)
                    .run(stage);
        }
    }

    private static void copy(Path stage, Path into) throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(stage)) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            Files.copy(file, into.resolve(file.getFileName()));
        }
    }

    private void tell(StageResult result, ArenaUse arena, Console console) {
        if (result.steps() > 0 || !result.stopped().equals("steps")) {
            console.line(
                    "%d steps, %,d tokens, %.3g FLOP and %.3g of fixed models; stopped by %s",
                    result.steps(),
                    result.tokens(),
                    result.flops(),
                    result.teacherFlops(),
                    result.stopped());
        }
        result.metrics().forEach((name, value) -> console.line("%s %.4f", name, value));
        for (StageResult.Point point : result.points()) {
            point.metrics()
                    .forEach(
                            (name, value) ->
                                    console.line("step %d: %s %.4f", point.step(), name, value));
            point.answers()
                    .forEach(
                            (prompt, answer) ->
                                    console.line("step %d: %s%s", point.step(), prompt, answer));
        }
        result.diverged().ifPresent(step -> console.line("diverged at step %d", step));
        console.line("%s", out);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("out", out.toString());
        all.put("steps", result.steps());
        all.put("tokens", result.tokens());
        all.put("flops", result.flops());
        all.put("teacher_flops", result.teacherFlops());
        all.put("stopped", result.stopped());
        all.put("metrics", result.metrics());
        all.put("points", result.points());
        all.put(
                "diverged",
                result.diverged().isPresent() ? result.diverged().getAsLong() : null);
        all.put("arena", arena);
        console.json(all);
    }
}
