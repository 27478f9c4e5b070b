package dev.lethe.tools.report.results;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `summary.json`.
///
/// @param seconds wall time
/// @param peakResidentBytes of the process; null where the system does not tell
/// @param thresholds that the claims were judged by
/// @param versions of what made it, by name; in the order in which they are shown
public record Summary(
        String experiment,
        List<Long> seeds,
        String device,
        String dtype,
        int threads,
        double seconds,
        Long peakResidentBytes,
        List<Model> models,
        List<Claim> claims,
        Thresholds thresholds,
        Map<String, String> versions) {
    public Summary {
        seeds = List.copyOf(seeds);
        models = List.copyOf(models);
        claims = claims == null ? List.of() : List.copyOf(claims);
        versions =
                versions == null
                        ? Map.of()
                        : Collections.unmodifiableMap(new LinkedHashMap<>(versions));
        if (thresholds == null) {
            throw new IllegalArgumentException(
                    "summary: expected thresholds, got none; run the experiment again");
        }
    }

    /// What the training of a model took.
    ///
    /// @param steps updates from its parent to itself; for UNDO those to the stop
    /// @param tokens real tokens, padding not counted
    /// @param flops forward and backward of the trained model
    /// @param teacherFlops forward passes of a model held fixed
    public record Model(
            String name,
            long seed,
            long steps,
            long tokens,
            double flops,
            double teacherFlops,
            Stopped stopped) {}

    /// What ended a training.
    public enum Stopped {
        /// Its condition was met.
        @JsonProperty("rule")
        RULE,
        /// Its condition was not met within the allowed updates.
        @JsonProperty("cap")
        CAP,
        /// It had no condition.
        @JsonProperty("steps")
        STEPS;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What a model of a seed took.
    public Optional<Model> model(String name, long seed) {
        return models.stream().filter(m -> m.name().equals(name) && m.seed() == seed).findFirst();
    }

    /// The same with the time and memory of another, which made what this one found.
    public Summary taking(Summary made) {
        return new Summary(
                experiment,
                seeds,
                device,
                dtype,
                threads,
                made.seconds,
                made.peakResidentBytes,
                models,
                claims,
                thresholds,
                versions);
    }

    /// The same, judged anew.
    public Summary with(List<Claim> judged) {
        return new Summary(
                experiment,
                seeds,
                device,
                dtype,
                threads,
                seconds,
                peakResidentBytes,
                models,
                judged,
                thresholds,
                versions);
    }
}
