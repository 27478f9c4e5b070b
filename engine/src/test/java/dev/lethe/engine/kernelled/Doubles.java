package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.Buffer;
import java.lang.foreign.MemorySegment;

/// Buffers as Java arrays and back; the backend checks types and lengths.
record Doubles(Backend backend) {
    double[] read(Buffer buffer) {
        double[] values = new double[Math.toIntExact(buffer.length())];
        backend.download(buffer, MemorySegment.ofArray(values));
        return values;
    }

    int[] readInts(Buffer buffer) {
        int[] values = new int[Math.toIntExact(buffer.length())];
        backend.download(buffer, MemorySegment.ofArray(values));
        return values;
    }

    /// Nothing where nobody wants the result.
    void write(Buffer buffer, double... values) {
        if (buffer != null) {
            backend.upload(MemorySegment.ofArray(values), buffer);
        }
    }
}
