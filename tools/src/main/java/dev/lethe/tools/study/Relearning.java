package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.spectra.Vectors;
import dev.lethe.tools.command.RefusedException;
import java.util.List;
import java.util.Optional;

/// A part of the run's attack, made again.
///
/// @param rate learning rate, one of the attack's
/// @param steps from the model on
record Relearning(double rate, long steps) {
    /// The attack's stage on a model of a run; empty for models that are not attacked, and for
    /// directories.
    Optional<StageSpec.Relearn> on(Subject subject) {
        if (subject.member().isEmpty() || subject.member().get().attacks().isEmpty()) {
            return Optional.empty();
        }
        List<StageSpec.Relearn> attacks = subject.member().get().attacks();
        List<Double> rates = attacks.stream().map(a -> a.optimization().rate().peak()).toList();
        if (!rates.contains(rate)) {
            throw new RefusedException(
                    "relearning: rate: expected one of the attack's %s, got %s; choose one"
                            .formatted(rates, rate));
        }
        return Optional.of(attacks.get(rates.indexOf(rate)));
    }

    /// The way that the attack goes, as a displacement of all parameters.
    Optional<double[]> way(Subject subject, Laboratory lab) {
        return on(subject)
                .map(
                        stage -> {
                            double[][] ends = new double[2][];
                            lab.replay(subject.run().orElseThrow())
                                    .run(
                                            stage,
                                            steps,
                                            steps,
                                            (step, model) ->
                                                    ends[step == 0 ? 0 : 1] = weights(model));
                            return Vectors.difference(ends[1], ends[0]);
                        });
    }

    static double[] weights(Gemma2 model) {
        return Coordinates.of(model.parameters()).read(model.parameters());
    }
}
