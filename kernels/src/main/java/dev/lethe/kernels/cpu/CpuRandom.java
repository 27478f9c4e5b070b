package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.RandomKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;

/// Draws in plain Java: initialisation and noise are rare, and their bits must be everyone's.
final class CpuRandom implements RandomKernels {
    @Override
    public void fill(PhiloxStream stream, long firstIndex, Distribution distribution, Buffer y) {
        switch (y.dtype()) {
            case F32 ->
                    stream.fillF32(
                            HostMemory.ALL, y.address(), firstIndex, y.length(), distribution);
            case F64 ->
                    stream.fillF64(
                            HostMemory.ALL, y.address(), firstIndex, y.length(), distribution);
            case BF16, I32 ->
                    throw new IllegalArgumentException(
                            "random: y must be F32 or F64, got %s; draw in one of these"
                                    .formatted(y.dtype()));
        }
    }
}
