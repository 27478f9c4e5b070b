package dev.lethe.bench.model;

import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// Text to be read: words of random letters, some of them Greek.
final class Texts {
    private static final String LETTERS = "etaoinshrdlucmfwypvbgkjqxz\u03b1\u03b2\u03b3\u03b4";

    private Texts() {}

    static String of(long seed, int characters) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.ints(characters, 0, LETTERS.length() + 6)
                .mapToObj(i -> i < LETTERS.length() ? LETTERS.substring(i, i + 1) : " ")
                .collect(Collectors.joining());
    }
}
