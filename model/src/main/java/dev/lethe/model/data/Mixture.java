package dev.lethe.model.data;

import dev.lethe.engine.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;

/// Texts drawn with replacement: a part by its weight, then one of its texts uniformly.
///
/// Draw i takes elements 2i and 2i + 1 of a stream and nothing else, so any draw is made anywhere.
public record Mixture(List<Part> parts) {
    /// @param weight its share of the draws is this over the sum of all weights
    public record Part(double weight, List<String> texts) {
        public Part {
            texts = List.copyOf(texts);
            if (!(weight > 0) || !Double.isFinite(weight) || texts.isEmpty()) {
                throw new IllegalArgumentException(
                        ("mixture: a part needs a finite weight above 0 and a text, got %s and %d"
                                        + " texts")
                                .formatted(weight, texts.size()));
            }
        }
    }

    public Mixture {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("mixture: expected at least one part, got none");
        }
    }

    /// Draw `index` of the stream.
    public String draw(PhiloxStream random, long index) {
        double total = parts.stream().mapToDouble(Part::weight).sum();
        double at = random.uniform(2 * index) * total;
        int chosen = 0;
        for (double end = parts.getFirst().weight();
                at >= end && chosen < parts.size() - 1;
                end += parts.get(chosen).weight()) {
            chosen++;
        }
        List<String> texts = parts.get(chosen).texts();
        return texts.get(random.below(2 * index + 1, texts.size()));
    }

    /// The `count` draws of a step: draws `step count` to `step count + count - 1`.
    public List<String> draws(PhiloxStream random, long step, int count) {
        List<String> drawn = new ArrayList<>(count);
        for (int row = 0; row < count; row++) {
            drawn.add(draw(random, step * count + row));
        }
        return drawn;
    }
}
