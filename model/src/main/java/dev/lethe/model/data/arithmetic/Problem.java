package dev.lethe.model.data.arithmetic;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// A text with a question in it, as one line of a JSON lines file.
///
/// @param text prompt, answer, and for a word problem what follows
/// @param prompt ends with a space, after which the answer comes
/// @param template of a word problem, as `mul-train-7`; null for an equation
@JsonPropertyOrder({"text", "prompt", "answer", "operation", "kind", "template"})
public record Problem(
        String text, String prompt, int answer, Operation operation, Kind kind, String template) {
    /// How a problem is put.
    public enum Kind {
        EQUATION,
        WORD;

        /// `equation`, `word`.
        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// `12 * 7 = 84`.
    static Problem equation(Fact fact) {
        String prompt = fact.question();
        return new Problem(
                prompt + fact.answer(),
                prompt,
                fact.answer(),
                fact.operation(),
                Kind.EQUATION,
                null);
    }
}
