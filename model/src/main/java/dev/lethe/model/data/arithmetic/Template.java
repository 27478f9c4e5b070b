package dev.lethe.model.data.arithmetic;

import dev.lethe.engine.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A word problem with blanks: `{name} has {a} {object} ... {name} keeps _ {object}.`, where `_` is
/// the answer.
///
/// @param id operation, set and line: `mul-train-7`
/// @param prompt up to the answer, ends with a space
/// @param tail after the answer, begins with a space
record Template(String id, Operation operation, List<Piece> prompt, List<Piece> tail) {
    /// Which templates: those of training, or those held out to judge by.
    enum Held {
        TRAIN("train"),
        HELD("held");

        private final String label;

        Held(String label) {
            this.label = label;
        }
    }

    private sealed interface Piece {
        record Literal(String text) implements Piece {}

        record Blank(Slot slot) implements Piece {}
    }

    private static final Pattern MARK = Pattern.compile("\\{[a-z]+}");
    private static final String ANSWER = " _ ";

    /// The templates of an operation, in the order of their file.
    static List<Template> of(Operation operation, Held held) {
        String set = "%s-%s".formatted(operation.label(), held.label);
        List<String> lines = WordList.lines("templates/%s.txt".formatted(set));
        List<Template> templates = new ArrayList<>(lines.size());
        for (String line : lines) {
            templates.add(parse("%s-%d".formatted(set, templates.size() + 1), operation, line));
        }
        return List.copyOf(templates);
    }

    static Template parse(String id, Operation operation, String line) {
        int answer = line.indexOf(ANSWER);
        if (answer < 0 || answer != line.lastIndexOf(ANSWER)) {
            throw new IllegalArgumentException(
                    "template %s: expected one _ between spaces, got: %s; mend the line"
                            .formatted(id, line));
        }
        return new Template(
                id,
                operation,
                pieces(id, line.substring(0, answer + 1)),
                pieces(id, line.substring(answer + ANSWER.length() - 1)));
    }

    private static List<Piece> pieces(String id, String text) {
        List<Piece> pieces = new ArrayList<>();
        Matcher marks = MARK.matcher(text);
        int end = 0;
        while (marks.find()) {
            if (marks.start() > end) {
                pieces.add(new Piece.Literal(text.substring(end, marks.start())));
            }
            pieces.add(new Piece.Blank(slot(id, marks.group())));
            end = marks.end();
        }
        if (end < text.length()) {
            pieces.add(new Piece.Literal(text.substring(end)));
        }
        return List.copyOf(pieces);
    }

    private static Slot slot(String id, String mark) {
        for (Slot slot : Slot.values()) {
            if (slot.mark().equals(mark)) {
                return slot;
            }
        }
        throw new IllegalArgumentException(
                "template %s: expected one of %s in braces, got %s; mend the line"
                        .formatted(id, List.of(Slot.values()), mark));
    }

    /// The problem that a fact and the words drawn from elements `at` to `at + 7` make.
    Problem fill(Fact fact, PhiloxStream random, long at) {
        String opening = filled(prompt, fact, random, at);
        String begun = Character.toUpperCase(opening.charAt(0)) + opening.substring(1);
        String text = begun + fact.answer() + filled(tail, fact, random, at);
        return new Problem(text, begun, fact.answer(), operation, Problem.Kind.WORD, id);
    }

    private static String filled(List<Piece> pieces, Fact fact, PhiloxStream random, long at) {
        StringBuilder text = new StringBuilder();
        for (Piece piece : pieces) {
            text.append(
                    switch (piece) {
                        case Piece.Literal literal -> literal.text();
                        case Piece.Blank blank -> blank.slot().filling(fact, random, at);
                    });
        }
        return text.toString();
    }
}
