package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;

/// Random numbers by address: the same bits on every backend, for any cut into ranges.
public interface RandomKernels {
    /// `y[i] = draw (firstIndex + i) of the stream`; in BF16 the F32 draw rounded, as
    /// [Distribution#bf16] says.
    void fill(PhiloxStream stream, long firstIndex, Distribution distribution, Buffer y);
}
