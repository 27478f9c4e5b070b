package dev.lethe.tools.report.results;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.util.List;

/// `answers.json`: what attacked models say to fixed prompts.
///
/// @param prompts in the order in which they are shown
/// @param answers of each model, seed and step to each prompt
public record Answers(List<Prompt> prompts, List<Answer> answers) {
    /// None were asked.
    public static final Answers NONE = new Answers(List.of(), List.of());

    public Answers {
        prompts = List.copyOf(prompts);
        answers = List.copyOf(answers);
        List<String> texts = prompts.stream().map(Prompt::text).toList();
        for (Answer answer : answers) {
            if (!texts.contains(answer.prompt())) {
                throw new IllegalArgumentException(
                        "answers: expected only prompts of the list, got '%s' of %s; add it there"
                                .formatted(answer.prompt(), answer.model()));
            }
        }
    }

    /// @param text as the model sees it
    /// @param expected the right answer; null where there is none, as in free text
    /// @param about what it asks for
    public record Prompt(String text, String expected, About about) {}

    public enum About {
        @JsonProperty("forget")
        FORGET,
        @JsonProperty("retain")
        RETAIN
    }

    /// @param attackLr learning rate of the attack that this is of
    /// @param step updates of the attack
    public record Answer(
            String model, long seed, double attackLr, long step, String prompt, String answer) {}
}
