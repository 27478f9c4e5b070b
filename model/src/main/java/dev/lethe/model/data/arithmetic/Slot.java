package dev.lethe.model.data.arithmetic;

import dev.lethe.engine.random.PhiloxStream;
import java.util.List;
import java.util.Locale;

/// What a template leaves open.
enum Slot {
    A,
    B,
    NAME,
    OTHER,
    OBJECT,
    CONTAINER,
    PLACE,
    GROUP;

    /// As in templates: `{name}`.
    String mark() {
        return "{%s}".formatted(name().toLowerCase(Locale.ROOT));
    }

    /// The filling, from elements `at + ordinal` of a stream; the other person is never the first.
    String filling(Fact fact, PhiloxStream random, long at) {
        return switch (this) {
            case A -> String.valueOf(fact.left());
            case B -> String.valueOf(fact.right());
            case NAME -> WordList.NAMES.words().get(name(random, at));
            case OTHER -> {
                int names = WordList.NAMES.words().size();
                int further = 1 + random.below(at + ordinal(), names - 1);
                yield WordList.NAMES.words().get((name(random, at) + further) % names);
            }
            case OBJECT -> drawn(WordList.OBJECTS, random, at);
            case CONTAINER -> drawn(WordList.CONTAINERS, random, at);
            case PLACE -> drawn(WordList.PLACES, random, at);
            case GROUP -> drawn(WordList.GROUPS, random, at);
        };
    }

    private static int name(PhiloxStream random, long at) {
        return random.below(at + NAME.ordinal(), WordList.NAMES.words().size());
    }

    private String drawn(WordList list, PhiloxStream random, long at) {
        List<String> words = list.words();
        return words.get(random.below(at + ordinal(), words.size()));
    }
}
