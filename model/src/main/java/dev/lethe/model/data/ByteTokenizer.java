package dev.lethe.model.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// UTF-8 bytes as tokens: 0 pads, 1 ends, 2 begins a text, 3 is free, byte b is 4 + b.
///
/// Decoding replaces bytes that are no UTF-8 with U+FFFD.
public record ByteTokenizer() implements Tokenizer {
    private static final int FIRST_BYTE = 4;
    private static final int BYTES = 256;

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            ids[i] = FIRST_BYTE + Byte.toUnsignedInt(bytes[i]);
        }
        return ids;
    }

    @Override
    public String decode(int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(ids.length);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabulary()) {
                throw new IllegalArgumentException(
                        ("byte tokenizer: id %d at index %d is outside the vocabulary; expected 0"
                                        + " to %d")
                                .formatted(ids[i], i, vocabulary() - 1));
            }
            if (ids[i] >= FIRST_BYTE) {
                bytes.write(ids[i] - FIRST_BYTE);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public int vocabulary() {
        return FIRST_BYTE + BYTES;
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
