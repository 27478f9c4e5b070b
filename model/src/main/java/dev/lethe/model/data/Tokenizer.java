package dev.lethe.model.data;

/// Text to token ids and back.
public sealed interface Tokenizer permits ByteTokenizer, CharacterTokenizer, SubwordTokenizer {
    /// The ids of a text alone, without beginning or end marks.
    ///
    /// @throws IllegalArgumentException for a text that the vocabulary cannot write
    int[] encode(String text);

    /// The text of the ids; marks and padding are left out.
    ///
    /// @throws IllegalArgumentException for an id outside the vocabulary
    String decode(int[] ids);

    /// Ids run from 0 to one below this.
    int vocabulary();

    /// What fills a row after its end.
    int padId();

    /// What begins a text.
    int bosId();

    /// What ends a text.
    int eosId();
}
