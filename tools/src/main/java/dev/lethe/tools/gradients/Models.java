package dev.lethe.tools.gradients;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.ObjectiveJar;
import dev.lethe.model.objective.ObjectiveSetup;
import dev.lethe.model.objective.Rmu;
import dev.lethe.tools.command.FailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The model, and whichever others its loss compares it with; closes them all.
final class Models implements AutoCloseable {
    private static final String FROZEN = "rmu.frozen.";

    private final Backend backend;
    private final DType dtype;
    private final Deque<Gemma2> open = new ArrayDeque<>();
    private final Gemma2 model;
    private ObjectiveJar jar; // null for a loss of this project

    /// @param checkpoint a directory that the configuration belongs to
    Models(Path checkpoint, Gemma2Config config, Backend backend, DType dtype) {
        this.backend = backend;
        this.dtype = dtype;
        model = opened(Gemma2Checkpoint.load(checkpoint, config, backend, dtype));
    }

    private Gemma2 opened(Gemma2 loaded) {
        open.push(loaded);
        return loaded;
    }

    Gemma2 model() {
        return model;
    }

    /// @param seed of RMU's direction where the batch file has none
    Objective objective(LossOptions options, BatchFile batch, long seed) {
        return options.loss()
                .map(loss -> objective(loss, options, batch, seed))
                .orElseGet(() -> custom(options, seed));
    }

    private Objective objective(Loss loss, LossOptions options, BatchFile batch, long seed) {
        return switch (loss) {
            case CE -> new NextToken();
            case KL -> new Distill(teacher(options.teacher), options.positions);
            case MAXENT -> new MaxEnt(options.alpha, options.positions);
            case GRADDIFF -> new GradDiff(options.alpha);
            case RMU -> rmu(options, batch, seed);
        };
    }

    private Objective custom(LossOptions options, long seed) {
        Gemma2 fixed =
                options.teacher == null ? opened(model.copy()) : teacher(options.teacher);
        jar = options.custom().open();
        return jar.create(
                new ObjectiveSetup(fixed, seed, options.custom().settings()));
    }

    private Gemma2 teacher(Path place) {
        Gemma2Config config = model.config();
        if (Files.isDirectory(place)) {
            config = Gemma2ConfigJson.read(place);
        } else if (Files.exists(place.resolveSibling(Gemma2ConfigJson.FILE))) {
            config = Gemma2ConfigJson.read(place.resolveSibling(Gemma2ConfigJson.FILE));
        }
        if (config.vocabSize() != model.config().vocabSize()) {
            throw new FailedException(
                    "--teacher: expected the student's vocabulary of %d, got %d in %s; name another"
                            .formatted(model.config().vocabSize(), config.vocabSize(), place));
        }
        return opened(Gemma2Checkpoint.load(place, config, backend, dtype));
    }

    private Rmu rmu(LossOptions options, BatchFile batch, long seed) {
        Gemma2Config config = model.config();
        double[] u =
                batch.controlVector(config)
                        .orElseGet(() -> Rmu.direction(seed, config.hiddenSize()));
        Gemma2 frozen = opened(model.copy());
        override(batch.tensors(), frozen.parameters());
        if (options.frozen != null) {
            try (SafeTensors overrides = SafeTensors.open(options.frozen)) {
                if (override(overrides, frozen.parameters()) == 0) {
                    throw new FailedException(
                            ("--frozen: %s: expected tensors named %sPARAMETER, got none;"
                                            + " rename them")
                                    .formatted(options.frozen, FROZEN));
                }
            }
        }
        return new Rmu(new Rmu.Target(options.layer, options.c, u), options.alpha, frozen);
    }

    /// Overwrites the parameters that the file has under the prefix, and says how many.
    private static int override(SafeTensors source, Parameters parameters) {
        List<String> stored =
                source.names().stream().filter(name -> name.startsWith(FROZEN)).toList();
        for (String name : stored) {
            String parameter = name.substring(FROZEN.length());
            if (!parameters.names().contains(parameter)) {
                throw new FailedException(
                        ("%s: tensor `%s`: expected the name of a parameter after %s, got %s;"
                                        + " rename it")
                                .formatted(source.path(), name, FROZEN, parameter));
            }
            Gemma2Checkpoint.copy(source, name, parameters, parameter);
        }
        return stored.size();
    }

    /// Rounds the weights of all models to a shorter type, so that what is left to tell apart from a
    /// computation in that type is the computation.
    void round(DType type) {
        for (Gemma2 each : open) {
            Coordinates all = Coordinates.of(each.parameters());
            double[] weights = all.read(each.parameters());
            for (int i = 0; i < weights.length; i++) {
                weights[i] =
                        switch (type) {
                            case BF16 -> BFloat16.toFloat(BFloat16.of(weights[i]));
                            case F32 -> (float) weights[i];
                            case F64, I32 -> weights[i];
                        };
            }
            all.write(weights, each.parameters());
        }
    }

    @Override
    public void close() {
        open.forEach(Gemma2::close);
        if (jar != null) {
            jar.close();
        }
    }
}
