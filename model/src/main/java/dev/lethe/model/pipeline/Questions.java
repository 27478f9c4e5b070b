package dev.lethe.model.pipeline;

import java.util.List;

/// What a model under attack is asked at each look, to see what it says.
///
/// @param prompts beginnings of texts, answered greedily
/// @param maxTokens the most that an answer has
public record Questions(List<String> prompts, int maxTokens) {
    /// Asks nothing.
    public static final Questions NONE = new Questions(List.of(), 0);

    public Questions {
        prompts = List.copyOf(prompts);
        if (maxTokens < 0 || prompts.stream().distinct().count() < prompts.size()) {
            throw new IllegalArgumentException(
                    "questions: expected maxTokens from 0 on and prompts that differ, got %d and %s; correct them"
                            .formatted(maxTokens, prompts));
        }
    }
}
