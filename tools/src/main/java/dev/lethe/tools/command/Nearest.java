package dev.lethe.tools.command;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The known word closest to one that was mistyped.
public final class Nearest {
    private Nearest() {}

    /// `; did you mean WORD?`, or nothing where no word is near.
    public static String suggestion(String got, Collection<String> known) {
        return of(got, known).map("; did you mean %s?"::formatted).orElse("");
    }

    /// The word of fewest edits, where they are at most two or a third of what was typed.
    public static Optional<String> of(String got, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(word -> edits(got, word)))
                .filter(word -> edits(got, word) <= Math.max(2, got.length() / 3));
    }

    /// Insertions, deletions and substitutions (Levenshtein 1966) that make `a` into `b`.
    static int edits(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }
}
