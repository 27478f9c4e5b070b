package dev.lethe.tools.data;

import dev.lethe.tools.command.WordConverter;

/// The words of `--tokenizer`.
enum TokenizerKind {
    BYTES,
    CHARACTERS;

    static final class Converter extends WordConverter<TokenizerKind> {
        Converter() {
            super(TokenizerKind.class);
        }
    }
}
