package dev.lethe.model.data;

import dev.lethe.engine.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;

/// Texts drawn with replacement: a part by its weight, then one of its texts uniformly.
///
/// Draw i takes elements 2i and 2i + 1 of a stream and nothing else, so any draw is made anywhere.
public final class Mixture {
    private final List<Part> parts;
    private final WeightedChoice choice;

    /// @param weight its share of the draws is this over the sum of all weights
    public record Part(double weight, List<String> texts) {
        public Part {
            texts = List.copyOf(texts);
            if (texts.isEmpty()) {
                throw new IllegalArgumentException(
                        "mixture: expected parts of at least one text, got none; leave the part out");
            }
        }
    }

    public Mixture(List<Part> parts) {
        this.parts = List.copyOf(parts);
        this.choice = new WeightedChoice(this.parts.stream().map(Part::weight).toList());
    }

    public List<Part> parts() {
        return parts;
    }

    /// Draw `index` of the stream.
    public String draw(PhiloxStream random, long index) {
        List<String> texts = parts.get(choice.of(random.uniform(2 * index))).texts();
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
