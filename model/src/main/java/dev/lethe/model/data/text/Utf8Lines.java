package dev.lethe.model.data.text;

import dev.lethe.model.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Lines of a UTF-8 stream, ended by LF (a CR before it stays) or by the end of the stream.
///
/// Each line is decoded strictly by itself, so that bytes that are no UTF-8 are told by line and
/// never replaced. A byte order mark at the beginning is dropped.
final class Utf8Lines {
    private static final int CHUNK = 1 << 16;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /// @see #forEach
    interface Action {
        /// @param number from 1
        void accept(long number, String line);
    }

    private final InputStream in;
    private final String name;
    private long count;

    Utf8Lines(InputStream in, String name) {
        this.in = in;
        this.name = name;
    }

    /// @return how many lines there were
    long forEach(Action action) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            int from = 0;
            for (int i = 0; i < read; i++) {
                if (chunk[i] == '\n') {
                    line.write(chunk, from, i - from);
                    end(line, action);
                    from = i + 1;
                }
            }
            line.write(chunk, from, read - from);
        }
        if (line.size() > 0) {
            end(line, action);
        }
        return count;
    }

    private void end(ByteArrayOutputStream line, Action action) {
        count++;
        String text;
        try {
            text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(line.toByteArray()))
                            .toString();
        } catch (CharacterCodingException e) {
            throw new DataException(
                    "%s: line %d: expected UTF-8, got bytes that are none; convert the file"
                            .formatted(name, count),
                    e);
        }
        line.reset();
        if (count == 1 && text.startsWith(BYTE_ORDER_MARK)) {
            text = text.substring(1);
        }
        action.accept(count, text);
    }
}
