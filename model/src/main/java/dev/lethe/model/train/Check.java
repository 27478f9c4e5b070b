package dev.lethe.model.train;

import java.util.Collections;
import java.util.SequencedMap;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/// An evaluation between steps, and with it the rule that may end a training.
///
/// @param when the numbers of finished steps at which to look, 0 before the first
/// @param look what is seen there
public record Check(LongPredicate when, LongFunction<Outcome> look) {
    /// @param metrics by name
    /// @param texts what the model said, by what it was asked
    /// @param stop true ends the training here
    public record Outcome(
            SequencedMap<String, Double> metrics,
            SequencedMap<String, String> texts,
            boolean stop) {
        /// The model was asked nothing.
        public Outcome(SequencedMap<String, Double> metrics, boolean stop) {
            this(metrics, Collections.emptySortedMap(), stop);
        }
    }

    /// Nothing is evaluated.
    public static final Check NONE = new Check(_ -> false, null);

    /// At 0 and after every `interval` steps.
    public static Check every(long interval, LongFunction<Outcome> look) {
        return new Check(step -> step % interval == 0, look);
    }
}
