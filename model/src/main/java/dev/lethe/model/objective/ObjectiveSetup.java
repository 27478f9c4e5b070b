package dev.lethe.model.objective;

import dev.lethe.model.gemma2.Gemma2;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a [CustomObjective] that comes from a JAR is made from: its public constructor takes one.
public final class ObjectiveSetup {
    private final Gemma2 fixed;
    private final long seed;
    private final Map<String, Double> settings;
    private final Set<String> asked = new TreeSet<>();

    /// @param fixed the model as it is before training, which stays so; whoever makes the objective
    ///     closes it
    /// @param seed of random numbers that the objective draws
    /// @param settings numbers by name, from the command line or a YAML file
    public ObjectiveSetup(Gemma2 fixed, long seed, Map<String, Double> settings) {
        this.fixed = fixed;
        this.seed = seed;
        this.settings = new TreeMap<>(settings);
    }

    /// The model as it is before training: the reference of losses that compare with it.
    public Gemma2 fixed() {
        return fixed;
    }

    public long seed() {
        return seed;
    }

    /// A number that must be given.
    ///
    /// @throws IllegalArgumentException where it is not
    public double setting(String name) {
        asked.add(name);
        Double value = settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "settings: expected %s, got %s; add it"
                            .formatted(
                                    name, settings.isEmpty() ? "none" : "only " + settings.keySet()));
        }
        return value;
    }

    /// A number that need not be given.
    public double setting(String name, double otherwise) {
        asked.add(name);
        return settings.getOrDefault(name, otherwise);
    }

    /// Fails for a number that the objective never asked for.
    void requireAllAsked() {
        for (String name : settings.keySet()) {
            if (!asked.contains(name)) {
                throw new IllegalArgumentException(
                        "settings: expected %s, got %s; correct it"
                                .formatted(
                                        asked.isEmpty() ? "none" : String.join(", ", asked), name));
            }
        }
    }
}
