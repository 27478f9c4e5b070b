package dev.lethe.tools.study;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.configuration.Configuration;
import dev.lethe.tools.experiment.PhysicalMemory;
import dev.lethe.tools.gradients.CustomLoss;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.progress.WorkProgress;
import dev.lethe.tools.report.RunDirectory;
import dev.lethe.tools.report.page.Document;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lethe study`: asks models one question of the gradient laboratory.
@Command(
        name = "study",
        description = "Measures gradients, curvature and paths of models, exactly, and draws them.")
public final class StudyCommand extends LetheCommand {
    private static final String OF_A_DEMO = "arithmetic-miniature";

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "The study; --list shows them.")
    private String name;

    @Option(
            names = "--from",
            arity = "1..*",
            paramLabel = "RUN-or-DIR",
            description = {
                "Finished runs, or model directories (default: the run",
                "arithmetic-miniature of --runs). Models of several runs",
                "are named run/model."
            })
    private List<Path> from = List.of();

    @Mixin private CustomLoss own;

    @Option(
            names = "--batch",
            paramLabel = "FILE",
            description = "Rows to study on, as lethe gradients reads them (default: the task's).")
    private Path batch;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the result goes (default: study-NAME in --runs).")
    private Path out;

    @Option(names = "--list", description = "Shows the studies; runs nothing.")
    private boolean list;

    @Override
    protected boolean hasConfiguration() {
        return true;
    }

    @Override
    protected void run(CommonOptions options, Console console) {
        if (list) {
            list(console);
            return;
        }
        if (name == null) {
            throw new RefusedException(
                    "study: expected a name, got none; choose one of %s"
                            .formatted(String.join(", ", StudyName.words())));
        }
        StudyName study = StudyName.of(name);
        Configuration file = study.configuration().with(options.settings());
        Question question = Question.of(study, file);
        own.check();
        if (!own.isNone() && !study.takesObjective()) {
            throw new RefusedException(
                    "--objective-class: means nothing to %s; leave it out"
                            .formatted(study.word()));
        }
        Subjects subjects = Subjects.open(places(options), seed(options));
        if (!study.takesRuns()) {
            subjects.requireOneRun(study.word());
        }
        DType dtype = options.precision(Precision.F64).weights();
        subjects.requireWide(isGiven("--dtype") && dtype == DType.F64);
        Rows rows =
                batch == null
                        ? Rows.of(subjects, question.tokens(), options.seed())
                        : Rows.of(batch, subjects.config());
        PartMemory.require(subjects.config(), rows, options.threads(), dtype);
        if (question.wholeRows()) {
            PartMemory.requireWhole(subjects.config(), rows, dtype, PhysicalMemory.usable());
        }
        // A place that cannot be written is known before any work.
        Path place = out == null ? options.runs().resolve("study-" + study.word()) : out;
        RunDirectory.open(place).close();
        long begin = System.nanoTime();
        Answer answer = answer(question, subjects, rows, options, console);
        report(study, file, subjects, rows, answer, place, begin, options, console);
    }

    private static void list(Console console) {
        Map<String, String> all = new LinkedHashMap<>();
        for (StudyName study : StudyName.values()) {
            console.line("%-22s %s", study.word(), study.about());
            all.put(study.word(), study.about());
        }
        console.json(all);
    }

    private List<Path> places(CommonOptions options) {
        return from.isEmpty() ? List.of(options.runs().resolve(OF_A_DEMO)) : from;
    }

    private OptionalLong seed(CommonOptions options) {
        return isGiven("--seed") ? OptionalLong.of(options.seed()) : OptionalLong.empty();
    }

    private Answer answer(
            Question question,
            Subjects subjects,
            Rows rows,
            CommonOptions options,
            Console console) {
        DType dtype = options.precision(Precision.F64).weights();
        Progress shown = Progress.on(options.quiet(), line -> console.note("%s", line));
        try (Backend backend = options.openBackend();
                Workers workers = options.openWorkers();
                OwnObjective objective = OwnObjective.open(own).orElse(null);
                WorkProgress work = shown.work(1)) {
            Laboratory lab =
                    new Laboratory(
                            backend,
                            workers,
                            dtype,
                            subjects,
                            rows,
                            Optional.ofNullable(objective),
                            work,
                            line -> console.note("%s", line));
            return question.asked().apply(lab, options.seed());
        }
    }

    private static void report(
            StudyName study,
            Configuration file,
            Subjects subjects,
            Rows rows,
            Answer answer,
            Path place,
            long begin,
            CommonOptions options,
            Console console) {
        double seconds = (System.nanoTime() - begin) * 1e-9;
        String facts =
                Text.format(
                        "%s · %s · %d forget and %d retain rows of %d tokens · %s · %.0f s",
                        study.word(),
                        studied(subjects),
                        rows.forget().rows(),
                        rows.retain().rows(),
                        rows.forget().tokens(),
                        options.precision(Precision.F64).word(),
                        seconds);
        Document document =
                new Document(
                        "Lethe: " + study.word(),
                        study.about() + ".",
                        facts,
                        sections(answer),
                        file.yaml());
        try (RunDirectory directory = RunDirectory.open(place)) {
            new AnswerFiles(study.word(), answer, file.yaml()).write(directory, document);
            directory.publish();
        }
        answer.findings().forEach(line -> console.line("%s", line));
        console.line("");
        console.line(
                "%.0f s; report.html, figures, results.csv and tensors.safetensors are in %s",
                seconds, place);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("study", study.word());
        all.put("out", place.toString());
        all.put("seconds", seconds);
        all.put("findings", answer.findings());
        all.put("cells", answer.cells().size());
        console.json(all);
    }

    /// What the models are of.
    private static String studied(Subjects subjects) {
        if (subjects.runs().size() > 1) {
            return "%d runs (%s)"
                    .formatted(
                            subjects.runs().size(), String.join(", ", subjects.runs().keySet()));
        }
        return subjects.firstRun()
                .map(run -> run.run().summary().experiment())
                .orElseGet(
                        () ->
                                subjects.all().stream()
                                        .map(Subject::name)
                                        .collect(Collectors.joining(", ")));
    }

    private static List<Document.Section> sections(Answer answer) {
        List<Document.Section> sections = new ArrayList<>();
        sections.add(
                new Document.Section(
                        "findings", "Found", answer.findings(), List.of(), List.of()));
        sections.addAll(answer.sections());
        return sections;
    }
}
