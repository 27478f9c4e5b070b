package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.memory.Buffer;

/// F32, one pass each way ([GegluLoops]).
final class CpuGeglu implements GegluKernels {
    @Override
    public void forward(Buffer gate, Buffer up, Buffer y) {
        int n = Expect.count("geglu: gate", gate);
        GegluLoops.forward(
                Expect.floats("geglu: gate", gate, n),
                Expect.floats("geglu: up", up, n),
                Expect.floats("geglu: y", y, n),
                n);
    }

    @Override
    public void backward(Buffer gate, Buffer up, Buffer dy, Buffer dGate, Buffer dUp) {
        int n = Expect.count("geglu: gate", gate);
        GegluLoops.backward(
                Expect.floats("geglu: gate", gate, n),
                Expect.floats("geglu: up", up, n),
                Expect.floats("geglu: dy", dy, n),
                Expect.floats("geglu: dGate", dGate, n),
                Expect.floats("geglu: dUp", dUp, n),
                n);
    }
}
