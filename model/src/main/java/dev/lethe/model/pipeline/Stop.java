package dev.lethe.model.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// The rule that ends a distillation before its last step (PAPER 1.7), looked at at step 0 and
/// after every `interval` steps.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "stop")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Stop.Never.class, name = "never"),
    @JsonSubTypes.Type(value = Stop.NeverWatched.class, name = "never-watched"),
    @JsonSubTypes.Type(value = Stop.RetainWithin.class, name = "retain-within"),
    @JsonSubTypes.Type(value = Stop.KlMatches.class, name = "kl-matches")
})
public sealed interface Stop permits Stop.Never, Stop.NeverWatched, Stop.RetainWithin, Stop.KlMatches {
    /// All steps are made.
    record Never() implements Stop {}

    /// All steps are made, and the student's KL to its teacher is looked at on the way.
    record NeverWatched(long interval) implements Stop {
        public NeverWatched {
            requireInterval(interval);
        }
    }

    /// Ends where the student's retain ability is within a margin of its teacher's: accuracy points
    /// in arithmetic, a share of the teacher's cross-entropy in language.
    record RetainWithin(double margin, long interval) implements Stop {
        public RetainWithin {
            requireInterval(interval);
        }
    }

    /// Ends where the student's KL to its teacher is no larger than that of a finished student.
    ///
    /// @param other a distillation from the same teacher
    record KlMatches(StageSpec.Distill other, long interval) implements Stop {
        public KlMatches {
            requireInterval(interval);
        }
    }

    private static void requireInterval(long interval) {
        if (interval < 1) {
            throw new IllegalArgumentException(
                    "stop: interval: expected at least 1 step, got " + interval + "; correct it");
        }
    }
}
