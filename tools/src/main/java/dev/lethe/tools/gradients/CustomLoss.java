package dev.lethe.tools.gradients;

import dev.lethe.model.objective.ObjectiveJar;
import dev.lethe.tools.command.RefusedException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/// An objective of a user's own on the command line.
public final class CustomLoss {
    @Option(
            names = "--objective-class",
            paramLabel = "CLASS",
            description = "Your CustomObjective, by its full name.")
    private String className;

    @Option(
            names = "--objective-jar",
            paramLabel = "FILE",
            description = "The JAR that has it.")
    private Path jar;

    @Option(
            names = "--objective-set",
            paramLabel = "NAME=NUMBER",
            description = "A number it asks for; may be repeated.")
    private Map<String, Double> settings = new LinkedHashMap<>();

    /// Whether no class was named.
    public boolean isNone() {
        return className == null;
    }

    /// @throws RefusedException for options that miss one another
    public void check() {
        if ((className == null) != (jar == null)) {
            throw new RefusedException(
                    "%s: expected %s with it, got none; add it"
                            .formatted(
                                    jar == null ? "--objective-class" : "--objective-jar",
                                    jar == null ? "--objective-jar FILE" : "--objective-class CLASS"));
        }
        if (className == null && !settings.isEmpty()) {
            throw new RefusedException(
                    "--objective-set: expected --objective-class with it, got none; leave it out");
        }
    }

    /// Fully qualified, as given.
    public String className() {
        return className;
    }

    /// Numbers that the class asks for.
    public Map<String, Double> settings() {
        return settings;
    }

    /// The class; the caller closes its JAR.
    public ObjectiveJar open() {
        return ObjectiveJar.open(jar, className);
    }
}
