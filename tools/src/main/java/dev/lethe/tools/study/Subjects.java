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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// All models that `--from` names.
///
/// @param run where one was named; at most one is
/// @param seed of the run's models
/// @param config that all share
record Subjects(
        List<Subject> all, Optional<FinishedRun> run, OptionalLong seed, Gemma2Config config) {
    private static final String FROM = "--from";

    /// @param from runs and model directories, at least one
    /// @param seed whose models of a run; absent: the run's first
    /// @throws FailedException for a place that is neither, or models of different shapes
    static Subjects open(List<Path> from, OptionalLong seed) {
        List<Subject> all = new ArrayList<>();
        Optional<FinishedRun> run = Optional.empty();
        OptionalLong chosen = OptionalLong.empty();
        for (Path place : from) {
            if (FinishedRun.is(place)) {
                if (run.isPresent()) {
                    throw new RefusedException(
                            "%s: expected one run, got %s and %s; study them one by one"
                                    .formatted(FROM, run.get().place(), place));
                }
                FinishedRun found = FinishedRun.open(place);
                chosen = OptionalLong.of(seed(found, seed));
                long of = chosen.getAsLong();
                found.members().stream()
                        .filter(member -> member.seed() == of)
                        .map(m -> new Subject(m.name(), m.directory(), Optional.of(m)))
                        .forEach(all::add);
                run = Optional.of(found);
            } else {
                requireModel(place);
                String name = place.toAbsolutePath().normalize().getFileName().toString();
                all.add(new Subject(name, place, Optional.empty()));
            }
        }
        return new Subjects(List.copyOf(all), run, chosen, sameShapes(all));
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

    /// Those of a run by names, of which one may end in `*`; all where no run was named.
    ///
    /// @param unknown told of each name that nothing has
    List<Subject> select(List<String> names, Consumer<String> unknown) {
        if (run.isEmpty()) {
            return all;
        }
        SequencedSet<Subject> selected = new LinkedHashSet<>();
        for (String name : names) {
            Predicate<String> wanted =
                    name.endsWith("*")
                            ? got -> got.startsWith(name.substring(0, name.length() - 1))
                            : name::equals;
            List<Subject> found = all.stream().filter(s -> wanted.test(s.name())).toList();
            if (found.isEmpty()) {
                unknown.accept(
                        "the run has no model %s%s"
                                .formatted(name, Nearest.suggestion(name, names())));
            }
            selected.addAll(found);
        }
        if (selected.isEmpty()) {
            throw new RefusedException(
                    "models: expected some of %s, got %s; name one"
                            .formatted(String.join(", ", names()), names));
        }
        return List.copyOf(selected);
    }

    private List<String> names() {
        return all.stream().map(Subject::name).toList();
    }
}
