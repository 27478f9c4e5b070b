package dev.lethe.model.train;

import java.util.SequencedMap;

/// A loss or gradient that is no number any more. The parameters are those before the step.
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long step;

    DivergedException(long step, String term, double value) {
        super(
                "training diverged at step %d: %s is %s, expected a finite number; lower the learning rate"
                        .formatted(step, term, value));
        this.step = step;
    }

    static void requireFinite(long step, SequencedMap<String, Double> terms) {
        for (var term : terms.entrySet()) {
            if (!Double.isFinite(term.getValue())) {
                throw new DivergedException(step, term.getKey(), term.getValue());
            }
        }
    }

    static double requireFinite(long step, double norm) {
        if (!Double.isFinite(norm)) {
            throw new DivergedException(step, "the gradient norm", norm);
        }
        return norm;
    }

    /// The step that could not be made, 1 for the first.
    public long step() {
        return step;
    }
}
