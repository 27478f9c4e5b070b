package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.ObjectiveJar;
import dev.lethe.model.objective.ObjectiveSetup;
import dev.lethe.tools.gradients.CustomLoss;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The objective of the user's own that a study takes beside those of this project.
///
/// @param name that results bear: of its class, in small letters
record OwnObjective(String name, ObjectiveJar jar, Map<String, Double> settings)
        implements AutoCloseable {
    /// That of the command line, where there is one.
    static Optional<OwnObjective> open(CustomLoss options) {
        return options.isNone()
                ? Optional.empty()
                : Optional.of(
                        new OwnObjective(
                                name(options.className()), options.open(), options.settings()));
    }

    /// `npo` of `my.losses.Npo`.
    private static String name(String className) {
        return className.substring(className.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /// @param fixed the model before unlearning, which stays so
    Objective on(Gemma2 fixed, long seed) {
        return jar.create(new ObjectiveSetup(fixed, seed, settings));
    }

    @Override
    public void close() {
        jar.close();
    }
}
