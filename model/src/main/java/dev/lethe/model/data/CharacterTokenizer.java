package dev.lethe.model.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.checkpoint.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;

/// Characters (Unicode code points) as tokens: 0 pads, 1 ends, 2 begins a text, 3 and up are the
/// vocabulary's characters in the order of their code points.
///
/// A character that is not in the vocabulary is an error, never an "unknown" token: no model has
/// learned such a token, and what it replaced could not be had back. Build the vocabulary from
/// every text that is to be encoded.
public final class CharacterTokenizer implements Tokenizer {
    private static final int FIRST_CHARACTER = 3;
    static final String TYPE = "characters";
    private static final JsonMapper JSON = new JsonMapper();

    private final int[] codePoints; // ascending, each once

    private CharacterTokenizer(int[] codePoints) {
        this.codePoints = codePoints;
    }

    /// Collects the characters of texts, one text at a time.
    public static final class Builder {
        private final BitSet seen = new BitSet(Character.MAX_CODE_POINT + 1);

        public Builder add(String text) {
            text.codePoints().forEach(seen::set);
            return this;
        }

        /// @throws IllegalArgumentException for half a surrogate pair, which is no character
        public CharacterTokenizer build() {
            int half = seen.nextSetBit(Character.MIN_SURROGATE);
            if (half >= 0 && half <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException(
                        ("character tokenizer: expected characters, got half a surrogate pair"
                                        + " (U+%04X); mend the text")
                                .formatted(half));
            }
            return new CharacterTokenizer(seen.stream().toArray());
        }
    }

    /// What the file holds.
    ///
    /// @param characters in the order of their ids
    private record Saved(String type, String characters) {}

    /// Writes the vocabulary as JSON, whole or not at all.
    public void save(Path file) {
        String characters = new String(codePoints, 0, codePoints.length);
        try {
            AtomicFile.write(file, JSON.writeValueAsBytes(new Saved(TYPE, characters)));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads what [#save] wrote.
    ///
    /// @throws DataException for another file
    public static CharacterTokenizer load(Path file) {
        Saved saved;
        try {
            saved = JSON.readValue(Files.readString(file, StandardCharsets.UTF_8), Saved.class);
        } catch (JsonProcessingException e) {
            throw unusable(file, e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw unusable(file, Files.exists(file) ? "an unreadable file" : "no file", e);
        }
        if (saved == null || !TYPE.equals(saved.type()) || saved.characters() == null) {
            throw unusable(file, "another object", null);
        }
        int[] codePoints = saved.characters().codePoints().toArray();
        for (int i = 1; i < codePoints.length; i++) {
            if (codePoints[i] <= codePoints[i - 1]) {
                throw unusable(file, "characters out of order at place " + i, null);
            }
        }
        return new CharacterTokenizer(codePoints);
    }

    private static DataException unusable(Path file, String got, Exception cause) {
        return new DataException(
                ("%s: expected a vocabulary {\"type\":\"characters\",\"characters\":\"...\"},"
                                + " got %s; build it again")
                        .formatted(file, got),
                cause);
    }

    @Override
    public int[] encode(String text) {
        int[] ids = text.codePoints().toArray();
        for (int i = 0; i < ids.length; i++) {
            int at = Arrays.binarySearch(codePoints, ids[i]);
            if (at < 0) {
                throw new IllegalArgumentException(
                        ("character tokenizer: U+%04X (%s) at character %d is not in the"
                                        + " vocabulary of %d characters; build the vocabulary from"
                                        + " this text too")
                                .formatted(
                                        ids[i],
                                        Character.getName(ids[i]),
                                        i,
                                        codePoints.length));
            }
            ids[i] = FIRST_CHARACTER + at;
        }
        return ids;
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder(ids.length);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabulary()) {
                throw new IllegalArgumentException(
                        ("character tokenizer: id %d at index %d is outside the vocabulary;"
                                        + " expected 0 to %d")
                                .formatted(ids[i], i, vocabulary() - 1));
            }
            if (ids[i] >= FIRST_CHARACTER) {
                text.appendCodePoint(codePoints[ids[i] - FIRST_CHARACTER]);
            }
        }
        return text.toString();
    }

    @Override
    public int vocabulary() {
        return FIRST_CHARACTER + codePoints.length;
    }

    @Override
    public int padId() {
        return 0;
    }

    @Override
    public int eosId() {
        return 1;
    }

    @Override
    public int bosId() {
        return 2;
    }
}
