package dev.lethe.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files laid down byte by byte, right or wrong, without the writer under test.
final class RawFiles {
    private RawFiles() {}

    static Path write(Path file, String header, int dataBytes) throws IOException {
        return write(file, header.getBytes(StandardCharsets.UTF_8), new byte[dataBytes]);
    }

    static Path write(Path file, byte[] header, byte[] data) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Long.BYTES + header.length + data.length);
        all.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).put(data);
        return Files.write(file, all.array());
    }

    /// One F32 tensor `name` of `count` zeros.
    static Path zeros(Path file, String name, int count) throws IOException {
        String header =
                "{\"%s\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                        .formatted(name, count, 4 * count);
        return write(file, header, 4 * count);
    }
}
