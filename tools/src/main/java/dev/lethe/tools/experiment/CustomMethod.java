package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.Method;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// An objective of a user's own as the YAML file has it.
///
/// @param name of its models: `unlearn-<name>`, `distill-<name>`
/// @param className fully qualified, of a `CustomObjective` with a public constructor that takes an
///     `ObjectiveSetup`
/// @param jar file that has the class
/// @param settings numbers that the class asks for; absent: none
record CustomMethod(
        String name, String className, String jar, Optional<Map<String, Double>> settings) {
    CustomMethod {
        new Method.Custom(name, className, "", Map.of()); // refuses names that cannot be
    }

    Path file() {
        return Path.of(jar);
    }

    /// Reads the JAR, whose bytes are part of what a stage is.
    Method.Custom method() {
        return Method.Custom.of(name, className, file(), settings.orElse(Map.of()));
    }
}
