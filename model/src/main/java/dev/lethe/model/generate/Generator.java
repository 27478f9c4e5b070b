package dev.lethe.model.generate;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.KvCache;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Continues a prompt, computing each token once.
///
/// @param model kept open by the caller
public record Generator(Gemma2 model, Sampling sampling) {
    /// Why the text ended.
    public enum Ended {
        /// The model said so.
        EOS,
        /// As many tokens as were asked for, or as the model is meant for.
        LENGTH
    }

    /// @param ids the new tokens alone, without the one that ends the text
    public record Continuation(int[] ids, Ended ended) {}

    /// @param prompt ids of the vocabulary, at least one
    /// @param maxTokens the most to add
    public Continuation generate(int[] prompt, int maxTokens) {
        int room = model.config().maxPositions() - prompt.length;
        if (prompt.length == 0 || room < 0) {
            throw new IllegalArgumentException(
                    "prompt: expected 1 to %d tokens (max_position_embeddings), got %d; shorten it"
                            .formatted(model.config().maxPositions(), prompt.length));
        }
        int[] text = Arrays.copyOf(prompt, prompt.length + Math.min(maxTokens, room));
        try (KvCache cache = new KvCache(model.config().layers())) {
            for (int at = prompt.length; at < text.length; at++) {
                int seen = cache.length();
                int next = next(Arrays.copyOfRange(text, seen, at), cache, at - prompt.length);
                if (model.config().eosIds().contains(next)) {
                    return new Continuation(Arrays.copyOfRange(text, prompt.length, at), Ended.EOS);
                }
                text[at] = next;
            }
        }
        return new Continuation(
                IntStream.range(prompt.length, text.length).map(i -> text[i]).toArray(),
                Ended.LENGTH);
    }

    private int next(int[] unseen, KvCache cache, int index) {
        try (TensorArena _ = model.parameters().backend().openStep()) {
            Tensor ids = Tensor.ofInts(Shape.of(1, unseen.length), unseen);
            return sampling.choose(model.nextLogits(ids, cache).toDoubles(), index);
        }
    }
}
