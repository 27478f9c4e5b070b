package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.scale;

import dev.lethe.engine.autograd.Tensor;
import java.util.List;

/// A loss in its parts: `total = sum of weight value`.
public record LossTerms(List<Term> terms) {
    /// @param value scalar, not yet weighted
    public record Term(String name, double weight, Tensor value) {
        public Term {
            if (value == null || value.shape().size() != 1) {
                throw new IllegalArgumentException(
                        "loss: term %s: expected a scalar, got %s; sum or average it"
                                .formatted(name, value == null ? "null" : value.shape()));
            }
        }
    }

    public LossTerms {
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("loss: an objective needs at least one term");
        }
        terms = List.copyOf(terms);
    }

    public static LossTerms of(Term... terms) {
        return new LossTerms(List.of(terms));
    }

    /// The scalar to differentiate.
    public Tensor total() {
        Tensor total = null;
        for (Term term : terms) {
            Tensor weighted =
                    term.weight() == 1 ? term.value() : scale(term.value(), term.weight());
            total = total == null ? weighted : add(total, weighted);
        }
        return total;
    }
}
