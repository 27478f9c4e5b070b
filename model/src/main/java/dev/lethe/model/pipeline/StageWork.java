package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.evaluate.MeanKl;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.generate.Generator;
import dev.lethe.model.generate.Sampling;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.perturb.Perturbation;
import dev.lethe.model.stage.Compute;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.MetricsLog;
import dev.lethe.model.train.StepRule;
import dev.lethe.model.train.TrainingPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Makes one stage, whose inputs are there, in its unfinished directory.
///
/// @param part the directory
record StageWork(StageRunner runner, StageSpec spec, Path part) {
    private static final Predicate<String> ALL = _ -> true;
    private static final Function<Tally, Check> NO_LOOKS = _ -> Check.NONE;

    StageResult result() {
        return switch (spec) {
            case StageSpec.Given given ->
                    throw new CheckpointException(
                            "%s: expected the given model of weights %s in the store, got none; name its directory again"
                                    .formatted(part, given.weights()));
            case StageSpec.Pretrain pretrain -> pretrain(pretrain);
            case StageSpec.Unlearn unlearn -> unlearn(unlearn);
            case StageSpec.Perturb perturb -> perturb(perturb);
            case StageSpec.Distill distill -> distill(distill);
            case StageSpec.Relearn relearn -> relearn(relearn);
            case StageSpec.Evaluate evaluate -> evaluate(evaluate);
        };
    }

    private StageResult pretrain(StageSpec.Pretrain pretrain) {
        Optimization how = pretrain.optimization();
        try (Gemma2 model = fresh(pretrain.model(), pretrain.seed())) {
            StageTraining training =
                    new StageTraining(
                            new NextToken(),
                            how.plan(ALL),
                            study().main(pretrain.data(), pretrain.seed(), how.rows()));
            StageTraining.Outcome outcome = training.run(model, place(), NO_LOOKS);
            return save(model, outcome, "steps", Map.of());
        }
    }

    private StageResult unlearn(StageSpec.Unlearn unlearn) {
        try (Gemma2 before = runner.load(unlearn.from());
                Gemma2 model = before.copy();
                MethodObjective method = MethodObjective.of(unlearn, before, runner.store())) {
            StageTraining.Outcome outcome =
                    training(unlearn, method).run(model, place(), NO_LOOKS);
            return save(model, outcome, "steps", Map.of());
        }
    }

    static StageTraining training(StageSpec.Unlearn unlearn, MethodObjective method) {
        Optimization how = unlearn.optimization();
        TrainingPlan plan = how.plan(method.trained());
        return new StageTraining(
                method.objective(),
                switch (unlearn.guard()) {
                    case Guard.None _, Guard.RepNoise _ -> plan;
                    case Guard.Sam(double rho) ->
                            plan.stepping(new StepRule.SharpnessAware(rho));
                },
                StudyData.of(unlearn.subject())
                        .forgetAndRetain(unlearn.data(), unlearn.seed(), how.rows()));
    }

    static StageTraining training(StageSpec.Relearn relearn) {
        Optimization how = relearn.optimization();
        return new StageTraining(
                new NextToken(),
                how.plan(ALL),
                StudyData.of(relearn.subject()).main(relearn.data(), relearn.seed(), how.rows()));
    }

    private StageResult perturb(StageSpec.Perturb perturb) {
        runner.listener().onBegin(spec, 0, 0);
        try (Gemma2 model = runner.load(perturb.from())) {
            new Perturbation(perturb.alpha(), perturb.beta())
                    .apply(model.masters(), perturb.seed());
            model.roundMasters();
            Gemma2Checkpoint.save(model, part);
            return StageResult.untrained(Map.of());
        }
    }

    private StageResult distill(StageSpec.Distill distill) {
        Optimization how = distill.optimization();
        try (Gemma2 teacher = runner.loadFixed(distill.teacher());
                Gemma2 student =
                        distill.from()
                                .map(runner::load)
                                .orElseGet(() -> fresh(teacher.config(), distill.seed()))) {
            StageTraining training =
                    new StageTraining(
                            new Distill(teacher, Positions.TARGETS),
                            how.plan(ALL),
                            study().main(distill.data(), distill.seed(), how.rows()));
            Check check = new StopRule(runner, study()).check(distill.stop(), teacher, student);
            StageTraining.Outcome outcome = training.run(student, place(), _ -> check);
            double kl = new MeanKl(study().mixed()).of(teacher, student, workers());
            String otherwise =
                    switch (distill.stop()) {
                        case Stop.Never _, Stop.NeverWatched _ -> "steps";
                        case Stop.RetainWithin _, Stop.KlMatches _ -> "cap";
                    };
            return save(
                    student,
                    outcome,
                    outcome.byRule() ? "rule" : otherwise,
                    Map.of(StopRule.KL, kl));
        }
    }

    private StageResult relearn(StageSpec.Relearn relearn) {
        try (Gemma2 model = runner.load(relearn.target())) {
            StageTraining.Outcome outcome =
                    training(relearn).run(
                            model,
                            place(),
                            tally ->
                                    new Check(
                                            relearn.lookAt()::contains,
                                            _ -> look(relearn, model, tally.compute())));
            return new StageResult(
                    outcome.steps(),
                    outcome.compute().tokens(),
                    outcome.compute().flops(),
                    outcome.compute().teacherFlops(),
                    "steps",
                    Map.of(),
                    points(),
                    outcome.divergedAt());
        }
    }

    private Check.Outcome look(StageSpec.Relearn relearn, Gemma2 model, Compute compute) {
        SequencedMap<String, Double> seen =
                study().recovered(relearn.data().mixture(), model, workers());
        seen.put("tokens", (double) compute.tokens());
        seen.put("flops", compute.flops());
        return new Check.Outcome(seen, answers(relearn.questions(), model), false);
    }

    private SequencedMap<String, String> answers(Questions questions, Gemma2 model) {
        Tokenizer tokenizer = study().tokenizer();
        Generator generator = new Generator(model, Sampling.GREEDY);
        SequencedMap<String, String> answers = new LinkedHashMap<>();
        for (String prompt : questions.prompts()) {
            int[] ids =
                    IntStream.concat(
                                    IntStream.of(tokenizer.bosId()),
                                    IntStream.of(tokenizer.encode(prompt)))
                            .toArray();
            int[] answer = generator.generate(ids, questions.maxTokens()).ids();
            answers.put(prompt, tokenizer.decode(answer));
        }
        return answers;
    }

    /// The looks from the log, so that those of a run that was killed are among them.
    private List<StageResult.Point> points() {
        List<StageResult.Point> points = new ArrayList<>();
        for (MetricsLog.Look look : MetricsLog.looks(part.resolve(StageStore.METRICS))) {
            SequencedMap<String, Double> metrics = new LinkedHashMap<>(look.metrics());
            long tokens = metrics.remove("tokens").longValue();
            double flops = metrics.remove("flops");
            points.add(new StageResult.Point(look.step(), tokens, flops, metrics, look.texts()));
        }
        return points;
    }

    private StageResult evaluate(StageSpec.Evaluate evaluate) {
        runner.listener().onBegin(spec, 0, 0);
        try (Gemma2 model = runner.loadFixed(evaluate.target())) {
            return StageResult.untrained(study().abilities(model, workers()));
        }
    }

    private StageResult save(
            Gemma2 model,
            StageTraining.Outcome outcome,
            String stopped,
            Map<String, Double> metrics) {
        outcome.requireWhole();
        Gemma2Checkpoint.save(model, part);
        Compute compute = outcome.compute();
        return new StageResult(
                outcome.steps(),
                compute.tokens(),
                compute.flops(),
                compute.teacherFlops(),
                stopped,
                metrics,
                List.of(),
                OptionalLong.empty());
    }

    private Gemma2 fresh(Gemma2Config config, long seed) {
        Machine machine = runner.machine();
        Gemma2 model = Gemma2.allocate(config, machine.backend(), machine.precision());
        Initialization.randomize(model, seed);
        return model;
    }

    private StageTraining.Place place() {
        return new StageTraining.Place(
                part,
                runner.every(),
                workers(),
                (made, total) -> runner.listener().onBegin(spec, made, total));
    }

    private StudyData study() {
        return StudyData.of(spec.subject());
    }

    private Workers workers() {
        return runner.machine().workers();
    }
}
