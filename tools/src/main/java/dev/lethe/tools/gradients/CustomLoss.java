package dev.lethe.tools.gradients;

import dev.lethe.model.objective.ObjectiveJar;
import dev.lethe.tools.command.RefusedException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/// An objective of a user's own on the command line.
final class CustomLoss {
    @Option(
            names = "--objective-class",
            paramLabel = "CLASS",
            description = "Instead of --loss: your CustomObjective, by its full name.")
    String className;

    @Option(
            names = "--objective-jar",
            paramLabel = "FILE",
            description = "The JAR that has it.")
    private Path jar;

    @Option(
            names = "--objective-set",
            paramLabel = "NAME=NUMBER",
            description = "A number it asks for; may be repeated.")
    Map<String, Double> settings = new LinkedHashMap<>();

    boolean isNone() {
        return className == null;
    }

    void check() {
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

    /// The class; the caller closes its JAR.
    ObjectiveJar open() {
        return ObjectiveJar.open(jar, className);
    }
}
