package dev.lethe.model.pipeline;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import dev.lethe.model.stage.Machine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Runs stages and those before them, each once, however many ask for it.
///
/// May be used by several threads, of one runner or of several with machines of their own: a stage
/// that another thread or process is making is waited for.
///
/// @param store keeps the results; of the machine's backend and element type
/// @param machine where
/// @param every time between the checkpoints of a training
/// @param listener hears how it gets on
public record StageRunner(
        StageStore store, Machine machine, Duration every, StageListener listener) {
    /// Long enough to cost nothing, short enough to lose little.
    public static final Duration EVERY = Duration.ofSeconds(20);

    public StageRunner {
        store.requireMachine(machine);
    }

    /// The stage's result, found or made.
    ///
    /// @throws dev.lethe.model.checkpoint.CheckpointException where the store cannot be read or
    ///     written, in one line
    /// @throws dev.lethe.model.train.DivergedException where a stage that is no attack diverges
    public StageResult run(StageSpec spec) {
        Optional<StageResult> found = store.find(spec);
        if (found.isPresent()) {
            return found.get();
        }
        spec.inputs().forEach(this::run); // before the lock: no one waits while holding one
        try (StageStore.Claim claim =
                store.claim(spec, () -> listener.onWaiting(spec, store.directory(spec)))) {
            found = store.find(spec);
            if (found.isPresent()) {
                return found.get();
            }
            Path part = claim.open();
            StageResult result = new StageWork(this, spec, part).result();
            claim.finish(result);
            listener.onFinished(spec, result);
            return result;
        }
    }

    /// Takes a model that was made elsewhere into the store.
    ///
    /// @param directory with `config.json` and weights, as Hugging Face has them
    /// @return to be named as an input of stages
    public StageSpec.Given adopt(Task task, Path directory) {
        Gemma2Config config = Gemma2ConfigJson.read(directory);
        StageSpec.Given given =
                new StageSpec.Given(task, config, DoneFile.weights(directory));
        if (store.find(given).isPresent()) {
            return given;
        }
        try (StageStore.Claim claim =
                        store.claim(given, () -> listener.onWaiting(given, store.directory(given)));
                Gemma2 model =
                        Gemma2Checkpoint.load(
                                directory, config, machine.backend(), machine.precision())) {
            if (store.find(given).isEmpty()) {
                Gemma2Checkpoint.save(model, claim.open());
                claim.finish(StageResult.untrained(Map.of()));
            }
        }
        return given;
    }

    /// The stage's model, found or made, to be trained and closed by the caller.
    public Gemma2 load(StageSpec.MakesModel spec) {
        run(spec);
        return Gemma2Checkpoint.load(
                store.directory(spec), machine.backend(), machine.precision());
    }

    /// As [#load], to be held fixed: without masters.
    public Gemma2 loadFixed(StageSpec.MakesModel spec) {
        run(spec);
        return Gemma2Checkpoint.load(
                store.directory(spec), machine.backend(), machine.precision().weights());
    }
}
