package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;

/// Random numbers by address: the same bits on every backend, for any cut into ranges.
public interface RandomKernels {
    /// `y[i] = draw (firstIndex + i) of the stream`; in BF16 the F32 draw rounded, as
    /// [Distribution#bf16] says.
    void fill(PhiloxStream stream, long firstIndex, Distribution distribution, Buffer y);

    /// As above, for calls that a device keeps and repeats with another stream: it reads the
    /// stream's number where it lies when the call runs. Who runs the call at once may take the
    /// stream's own, which is the same then.
    ///
    /// @param number I32, one element
    default void fill(
            PhiloxStream stream,
            Buffer number,
            long firstIndex,
            Distribution distribution,
            Buffer y) {
        fill(stream, firstIndex, distribution, y);
    }
}
