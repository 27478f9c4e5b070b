package dev.lethe.tools.study;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.WeightFiles;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import dev.lethe.model.gemma2.ParameterShape;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.command.Nearest;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.experiment.FinishedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// All models that `--from` names.
///
/// @param runs by the names that their models bear: none where only one run was named
/// @param config that all share
record Subjects(
        List<Subject> all, SequencedMap<String, FinishedRun> runs, Gemma2Config config) {
    private static final String FROM = "--from";

    /// Models that belong together: those of one run, or the directories.
    ///
    /// @param name of the run where several are studied, else empty
    record Group(String name, Optional<FinishedRun> run, List<Subject> all) {
        /// By its name within the run.
        Optional<Subject> find(String plain) {
            return all.stream().filter(one -> one.plain().equals(plain)).findFirst();
        }

        /// What stands before the names of its models.
        String prefix() {
            return Subjects.prefix(name);
        }
    }

    /// @param from runs and model directories, at least one
    /// @param seed whose models of a run; absent: each run's first
    /// @throws FailedException for a place that is neither, or models of different shapes
    static Subjects open(List<Path> from, OptionalLong seed) {
        List<Subject> all = new ArrayList<>();
        SequencedMap<String, FinishedRun> runs = new LinkedHashMap<>();
        List<Path> places = from.stream().filter(FinishedRun::is).toList();
        for (Path place : from) {
            if (places.contains(place)) {
                String name = RunNames.of(place, places);
                FinishedRun found = FinishedRun.open(place);
                runs.put(name, found);
                long of = seed(found, seed);
                found.members().stream()
                        .filter(member -> member.seed() == of)
                        .map(member -> subject(prefix(name), found, member))
                        .forEach(all::add);
            } else {
                requireModel(place);
                String name = place.toAbsolutePath().normalize().getFileName().toString();
                all.add(new Subject(name, place, Optional.empty()));
            }
        }
        return new Subjects(List.copyOf(all), runs, sameShapes(all));
    }

    private static String prefix(String run) {
        return run.isEmpty() ? "" : run + "/";
    }

    private static Subject subject(String prefix, FinishedRun run, FinishedRun.Member member) {
        return new Subject(
                prefix + member.name(),
                member.directory(),
                Optional.of(new Subject.Origin(run, member)));
    }

    /// The run where there is one or more: the first.
    Optional<FinishedRun> firstRun() {
        return runs.values().stream().findFirst();
    }

    /// Those of each run, then the directories.
    List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        runs.forEach(
                (name, run) ->
                        groups.add(
                                new Group(
                                        name,
                                        Optional.of(run),
                                        all.stream()
                                                .filter(one -> one.run().equals(Optional.of(run)))
                                                .toList())));
        List<Subject> directories = all.stream().filter(one -> one.run().isEmpty()).toList();
        if (!directories.isEmpty()) {
            groups.add(new Group("", Optional.empty(), directories));
        }
        return groups;
    }

    /// The group of a model.
    Group groupOf(Subject one) {
        return groups().stream().filter(g -> g.all().contains(one)).findFirst().orElseThrow();
    }

    /// Refuses several runs for a study that is of one.
    void requireOneRun(String study) {
        if (runs.size() > 1) {
            throw new RefusedException(
                    "%s: %s: expected one run, got %s; study them one by one"
                            .formatted(FROM, study, String.join(" and ", runs.keySet())));
        }
    }

    private static long seed(FinishedRun run, OptionalLong wanted) {
        List<Long> seeds = run.run().summary().seeds();
        long seed = wanted.orElse(seeds.getFirst());
        if (!seeds.contains(seed)) {
            throw new RefusedException(
                    "--seed: expected one of the run's seeds %s, got %d; leave it out for the first"
                            .formatted(seeds, seed));
        }
        return seed;
    }

    private static void requireModel(Path place) {
        if (!Files.isRegularFile(place.resolve(Gemma2ConfigJson.FILE))) {
            throw new FailedException(
                    "%s: expected a finished run (config.yaml, results.csv, summary.json) or a model's directory (config.json, model.safetensors), got %s, which is %s; name one"
                            .formatted(
                                    FROM,
                                    place,
                                    Files.isDirectory(place)
                                            ? "a directory with neither"
                                            : Files.exists(place) ? "a file" : "not there"));
        }
    }

    private static Gemma2Config sameShapes(List<Subject> all) {
        Subject first = all.getFirst();
        Gemma2Config config = Gemma2ConfigJson.read(first.directory());
        for (Subject one : all) {
            Gemma2Config other = Gemma2ConfigJson.read(one.directory());
            if (!other.parameterShapes().equals(config.parameterShapes())) {
                throw new FailedException(
                        "%s: expected models of the same shapes, got %s with %s and %s with %s; study them one by one"
                                .formatted(
                                        FROM,
                                        first.name(),
                                        difference(config, other),
                                        one.name(),
                                        difference(other, config)));
            }
        }
        return config;
    }

    /// The first parameter that the other has not or not so.
    private static String difference(Gemma2Config config, Gemma2Config other) {
        List<ParameterShape> others = other.parameterShapes();
        return config.parameterShapes().stream()
                .filter(shape -> !others.contains(shape))
                .findFirst()
                .map(shape -> shape.name() + " " + shape.dimensions())
                .orElse(config.parameterShapes().size() + " parameters");
    }

    /// Fails for weights stored in BF16 unless the caller asked for F64: training in pure BF16
    /// rounds away what a study is to measure.
    ///
    /// @param wide whether `--dtype f64` was given
    void requireWide(boolean wide) {
        for (Subject one : all) {
            if (!wide && holdsBf16(one.directory())) {
                throw new RefusedException(
                        "%s: %s holds BF16 weights (bf16-pure), whose rounding would be taken for the loss's shape; expected --dtype f64 beside it, got none; add it"
                                .formatted(FROM, one.directory()));
            }
        }
    }

    private static boolean holdsBf16(Path directory) {
        String name = "model.norm.weight";
        try (WeightFiles files = WeightFiles.open(directory)) {
            return files.entry(name).dtype() == ElementType.BF16;
        }
    }

    Optional<Subject> find(String name) {
        return all.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /// Those of runs by names, of which one may end in `*`; all where no run was named. A name
    /// without a run's before it is of every run.
    ///
    /// @param unknown told of each name that nothing has
    List<Subject> select(List<String> names, Consumer<String> unknown) {
        if (runs.isEmpty()) {
            return all;
        }
        SequencedMap<String, Subject> selected = new LinkedHashMap<>();
        for (String name : names) {
            List<Subject> found = all.stream().filter(one -> matches(name, one)).toList();
            if (found.isEmpty()) {
                unknown.accept(
                        "%s no model %s%s"
                                .formatted(
                                        runs.size() == 1 ? "the run has" : "the runs have",
                                        name,
                                        Nearest.suggestion(name, names())));
            }
            found.forEach(one -> selected.putIfAbsent(one.name(), one));
        }
        if (selected.isEmpty()) {
            throw new RefusedException(
                    "models: expected some of %s, got %s; name one"
                            .formatted(String.join(", ", names()), names));
        }
        return List.copyOf(selected.values());
    }

    private static boolean matches(String name, Subject one) {
        String own = name.contains("/") ? one.name() : one.plain();
        return name.endsWith("*")
                ? own.startsWith(name.substring(0, name.length() - 1))
                : own.equals(name);
    }

    private List<String> names() {
        return all.stream().map(Subject::name).toList();
    }
}
