package dev.lethe.model.pipeline;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.ObjectiveJar;
import dev.lethe.model.objective.ObjectiveSetup;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What a stage of unlearning minimises: its [Method], and what its [Guard] adds to the loss,
/// joined with the model that it starts from.
///
/// @param trained names of the parameters that move
/// @param jar where the objective's class is from, if it is no one of this project's
public record MethodObjective(
        Objective objective, Predicate<String> trained, Optional<ObjectiveJar> jar)
        implements AutoCloseable {
    private static final Predicate<String> ALL = _ -> true;

    /// @param before the model as it is before training; may be of another type than it was trained
    ///     in
    /// @param store has the JARs
    public static MethodObjective of(
            StageSpec.Unlearn unlearn, Gemma2 before, StageStore store) {
        MethodObjective plain = ofMethod(unlearn, before, store);
        return switch (unlearn.guard()) {
            case Guard.None _, Guard.Sam _ -> plain;
            case Guard.RepNoise(double alpha, double beta) ->
                    new MethodObjective(
                            new RepNoise(plain.objective, alpha, beta, unlearn.seed()),
                            plain.trained,
                            plain.jar);
        };
    }

    private static MethodObjective ofMethod(
            StageSpec.Unlearn unlearn, Gemma2 before, StageStore store) {
        return switch (unlearn.method()) {
            case Method.GradDiff(double alpha) -> ofOurs(new GradDiff(alpha), ALL);
            case Method.MaxEnt(double alpha) -> ofOurs(new MaxEnt(alpha, Positions.TARGETS), ALL);
            case Method.Rmu rmu -> {
                double[] u = Rmu.direction(unlearn.seed(), before.config().hiddenSize());
                yield ofOurs(
                        new Rmu(new Rmu.Target(rmu.layer(), rmu.c(), u), rmu.alpha(), before),
                        downProjections(rmu));
            }
            case Method.Custom custom -> ofJar(custom, unlearn.seed(), before, store);
        };
    }

    private static MethodObjective ofOurs(Objective objective, Predicate<String> trained) {
        return new MethodObjective(objective, trained, Optional.empty());
    }

    private static Predicate<String> downProjections(Method.Rmu rmu) {
        Set<String> names =
                rmu.trainedLayers().stream()
                        .map("model.layers.%d.mlp.down_proj.weight"::formatted)
                        .collect(Collectors.toSet());
        return names::contains;
    }

    private static MethodObjective ofJar(
            Method.Custom custom, long seed, Gemma2 before, StageStore store) {
        Path file = store.jar(custom.jar());
        ObjectiveJar jar = ObjectiveJar.open(file, custom.className());
        try {
            ObjectiveSetup setup = new ObjectiveSetup(before, seed, custom.settings());
            return new MethodObjective(jar.create(setup), ALL, Optional.of(jar));
        } catch (RuntimeException e) {
            jar.close();
            throw e;
        }
    }

    @Override
    public void close() {
        jar.ifPresent(ObjectiveJar::close);
    }
}
