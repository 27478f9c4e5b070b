package dev.lethe.engine.reference;

import dev.lethe.engine.backend.RandomKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;

/// One draw an element.
final class ReferenceRandom implements RandomKernels {
    @Override
    public void fill(PhiloxStream stream, long firstIndex, Distribution distribution, Buffer y) {
        switch (y.dtype()) {
            case F32 ->
                    stream.fillF32(
                            Cells.MEMORY, y.address(), firstIndex, y.length(), distribution);
            case F64 ->
                    stream.fillF64(
                            Cells.MEMORY, y.address(), firstIndex, y.length(), distribution);
            case BF16 ->
                    stream.fillBf16(
                            Cells.MEMORY, y.address(), firstIndex, y.length(), distribution);
            case I32 ->
                    throw new IllegalArgumentException(
                            "random: y must be F32, F64 or BF16, got I32; draw integers on the"
                                    + " host");
        }
    }
}
