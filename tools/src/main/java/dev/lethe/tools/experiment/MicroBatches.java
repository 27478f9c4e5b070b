package dev.lethe.tools.experiment;

import dev.lethe.engine.backend.Backend;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.StageMemory;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.model.stage.MemoryEstimate;
import dev.lethe.tools.command.RefusedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// Into how many micro-batches each training of an experiment cuts a step's rows, so that it fits the
/// memory: as many as the file says, or else the fewest parts of one size that fit. The rows of a step
/// stay as they are; the last bits may be others.
///
/// @param chosen by the training's place in the file
record MicroBatches(SequencedMap<String, Choice> chosen) {
    /// @param asked what the file says
    /// @param taken what is used
    /// @param rows of a step
    /// @param estimate of the stage that takes most
    record Choice(int asked, int taken, int rows, MemoryEstimate estimate) {}

    /// Where in the file a stage's training is; empty for stages that train nothing.
    static Optional<String> place(Experiment experiment, StageSpec stage) {
        return switch (stage) {
            case StageSpec.Given _, StageSpec.Perturb _, StageSpec.Evaluate _ -> Optional.empty();
            case StageSpec.Pretrain it ->
                    Optional.of(
                            experiment.filtering().isPresent()
                                            && it.data().mixture() == Data.Mixture.RETAIN
                                    ? "filtering"
                                    : "pretraining");
            case StageSpec.Unlearn it -> Optional.of(place(it) + ".training");
            case StageSpec.Distill it ->
                    Optional.of(
                            switch (it.stop()) {
                                case Stop.Never _ -> "distillation";
                                case Stop.NeverWatched _, Stop.KlMatches _ -> "matching.training";
                                case Stop.RetainWithin _ -> "undo.training";
                            });
            case StageSpec.Relearn it ->
                    Optional.of(
                            it.data().mixture() == Data.Mixture.FORGET_HALF
                                    ? "halfAttack"
                                    : "attack");
        };
    }

    private static String place(StageSpec.Unlearn stage) {
        return switch (stage.guard()) {
            case Guard.Sam _ -> "guards.sam";
            case Guard.RepNoise _ -> "guards.repnoise";
            case Guard.None _ ->
                    switch (stage.method()) {
                        case Method.GradDiff _ -> "unlearning.graddiff";
                        case Method.MaxEnt _ -> "unlearning.maxent";
                        case Method.Rmu _ -> "unlearning.rmu";
                        case Method.Custom _ -> "unlearning.custom";
                    };
        };
    }

    private static Optimization optimization(StageSpec stage) {
        return switch (stage) {
            case StageSpec.Given _, StageSpec.Perturb _, StageSpec.Evaluate _ ->
                    throw new IllegalArgumentException("expected a stage that trains");
            case StageSpec.Pretrain it -> it.optimization();
            case StageSpec.Unlearn it -> it.optimization();
            case StageSpec.Distill it -> it.optimization();
            case StageSpec.Relearn it -> it.optimization();
        };
    }

    /// Chooses for all stages of an experiment.
    ///
    /// @param memory with the most threads that a stage may have
    /// @param kept numbers of a run that this one goes on with, by place; empty for a new one
    /// @throws RefusedException where a training does not fit, whatever its parts
    static MicroBatches choose(
            Experiment experiment,
            Collection<StageSpec> stages,
            StageMemory memory,
            MemoryBudget budget,
            Map<String, Integer> kept) {
        SequencedMap<String, Choice> chosen = new LinkedHashMap<>();
        for (StageSpec stage : stages) {
            place(experiment, stage)
                    .ifPresent(
                            place ->
                                    chosen.merge(
                                            place,
                                            choose(place, stage, memory, budget, kept),
                                            MicroBatches::larger));
        }
        return new MicroBatches(chosen);
    }

    private static Choice larger(Choice one, Choice other) {
        boolean first =
                one.taken != other.taken
                        ? one.taken > other.taken
                        : one.estimate.total() >= other.estimate.total();
        return first ? one : other;
    }

    private static Choice choose(
            String place,
            StageSpec stage,
            StageMemory memory,
            MemoryBudget budget,
            Map<String, Integer> kept) {
        Optimization how = optimization(stage);
        if (!memory.isCounted()) {
            return new Choice(how.microBatches(), how.microBatches(), how.rows(), memory.of(stage));
        }
        List<Integer> candidates =
                kept.containsKey(place) ? List.of(kept.get(place)) : candidates(stage, how);
        MemoryEstimate estimate = null;
        for (int count : candidates) {
            estimate = memory.of(stage, count);
            if (estimate.total() <= budget.plannedBytes()) {
                return new Choice(how.microBatches(), count, how.rows(), estimate);
            }
        }
        throw tooLarge(place, stage, candidates.getLast(), estimate, budget);
    }

    /// The file's own number, and then each larger one that cuts a step into parts of one size.
    private static List<Integer> candidates(StageSpec stage, Optimization how) {
        List<Integer> candidates = new ArrayList<>(List.of(how.microBatches()));
        boolean whole =
                stage instanceof StageSpec.Unlearn it && it.guard() instanceof Guard.RepNoise;
        if (!whole) { // which compares the rows of a batch
            IntStream.rangeClosed(how.microBatches() + 1, how.rows())
                    .filter(count -> how.rows() % count == 0)
                    .forEach(candidates::add);
        }
        return candidates;
    }

    private static RefusedException tooLarge(
            String place,
            StageSpec stage,
            int microBatches,
            MemoryEstimate estimate,
            MemoryBudget budget) {
        int rows = Math.ceilDiv(optimization(stage).rows(), microBatches);
        boolean whole = candidates(stage, optimization(stage)).size() == 1 && rows > 1;
        String remedy =
                (whole ? "lower %s.rows, or ".formatted(place) : "")
                        + "use a larger one, --dtype bf16 or a smaller model";
        return new RefusedException(
                "%s: expected at most %s of the %s that %s has, got %s for a micro-batch of %d row%s of %d tokens; %s"
                        .formatted(
                                place,
                                MemoryBudget.gibibytes(budget.plannedBytes()),
                                MemoryBudget.gibibytes(budget.totalBytes()),
                                budget.place(),
                                MemoryBudget.gibibytes(estimate.total()),
                                rows,
                                rows == 1 ? "" : "s",
                                stage.subject().inputs(),
                                remedy));
    }

    /// Fails where what is free now is too little.
    void requireFree(MemoryBudget budget) {
        chosen.forEach(
                (place, choice) -> {
                    if (choice.estimate.total() > budget.freeBytes()) {
                        throw new RefusedException(
                                "%s: expected %s of free memory, got %s of the %s that %s has; end what else uses it"
                                        .formatted(
                                                place,
                                                MemoryBudget.gibibytes(choice.estimate.total()),
                                                MemoryBudget.gibibytes(budget.freeBytes()),
                                                MemoryBudget.gibibytes(budget.totalBytes()),
                                                budget.place()));
                    }
                });
    }

    /// Whether all are as the file says.
    boolean areAsAsked() {
        return chosen.values().stream().allMatch(choice -> choice.asked == choice.taken);
    }

    /// What to set in the file, as on the command line.
    List<String> settings() {
        return chosen.entrySet().stream()
                .filter(one -> one.getValue().asked != one.getValue().taken)
                .map(one -> one.getKey() + ".microBatches=" + one.getValue().taken)
                .toList();
    }

    static StageMemory memory(Backend backend, Precision precision, int threads) {
        int used = backend.deviceMemory().isPresent() ? 1 : threads; // as the scheduler does
        return new StageMemory(backend, precision, used);
    }
}
