package dev.lethe.model.generate;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;

import java.util.Comparator;
import java.util.stream.IntStream;

/// How the next token is chosen from its logits: the most likely one, or drawn.
///
/// @param temperature divides the logits; 0 takes the most likely token
/// @param topK draws among the k most likely tokens; 0 among all
/// @param seed of the draws
public record Sampling(double temperature, int topK, long seed) {
    /// The most likely token, always.
    public static final Sampling GREEDY = new Sampling(0, 0, 0);

    public Sampling {
        if (!Double.isFinite(temperature) || temperature < 0) {
            throw new IllegalArgumentException(
                    "temperature: expected a finite number, 0 or more, got %s; correct it"
                            .formatted(temperature));
        }
        if (topK < 0) {
            throw new IllegalArgumentException(
                    "top-k: expected 0 (all) or more, got %d; correct it".formatted(topK));
        }
    }

    /// The token at a place of the text. Of equal logits the lower id is the likelier.
    ///
    /// @param logits one a token of the vocabulary
    /// @param index of the draw, 0 for the first new token
    int choose(double[] logits, long index) {
        int[] likeliest =
                IntStream.range(0, logits.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        // A NaN is sorted to the end.
        double largest = logits[likeliest[0]];
        if (!Double.isFinite(largest) || Double.isNaN(logits[likeliest[likeliest.length - 1]])) {
            throw new IllegalArgumentException(
                    "logits: expected finite numbers for token %d, got NaN or infinity; check the model's weights"
                            .formatted(index));
        }
        if (temperature == 0) {
            return likeliest[0];
        }
        int count = topK == 0 ? logits.length : Math.min(topK, logits.length);
        double[] upTo = new double[count];
        double total = 0;
        for (int i = 0; i < count; i++) {
            // The largest logit is subtracted first, so that nothing overflows.
            total += Math.exp((logits[likeliest[i]] - logits[likeliest[0]]) / temperature);
            upTo[i] = total;
        }
        double draw = total * new PhiloxStream(seed, Purpose.SAMPLING, 0).uniform(index);
        for (int i = 0; i < count; i++) {
            if (draw < upTo[i]) {
                return likeliest[i];
            }
        }
        return likeliest[count - 1]; // rounding put the draw on the total itself
    }
}
