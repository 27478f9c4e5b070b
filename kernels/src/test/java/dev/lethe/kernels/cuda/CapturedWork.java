package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.memory.Buffer;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// Work that a device keeps as a graph, beside the same work call by call.
abstract class CapturedWork {
    CudaBackend backend;

    @BeforeEach
    void open() {
        backend = TestedDevice.open();
    }

    @AfterEach
    void close() {
        backend.close();
    }

    StepGraphs.Recorded record(Runnable work) {
        return new CudaStepGraphs(backend.device()).record("test", work);
    }

    void write(Buffer buffer, float... values) {
        backend.upload(MemorySegment.ofArray(values), buffer);
    }

    /// Fills a buffer of F32 with numbers that the seed decides.
    void writeNumbers(Buffer buffer, int seed) {
        float[] values = new float[Math.toIntExact(buffer.length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((seed + i) * 37 % 19 - 9) / 8f;
        }
        write(buffer, values);
    }

    float[] read(Buffer buffer) {
        float[] values = new float[Math.toIntExact(buffer.length())];
        backend.download(buffer, MemorySegment.ofArray(values));
        return values;
    }

    /// Several runs, which end as they should: call by call, and as replays of one record.
    ///
    /// @param prepare writes what a run reads, by its number from 0
    /// @param result of the run just made, which is another for each number
    void requireBitsOfDirectCalls(
            int runs, IntConsumer prepare, Runnable work, Supplier<float[]> result) {
        float[][] direct = new float[runs][];
        for (int i = 0; i < runs; i++) {
            prepare.accept(i);
            work.run();
            direct[i] = result.get();
            assertFalse(i > 0 && Arrays.equals(direct[0], direct[i]), "run " + i + " as the first");
        }
        prepare.accept(0);
        try (StepGraphs.Recorded recorded = record(work)) {
            for (int i = 0; i < runs; i++) {
                prepare.accept(i);
                recorded.replay();
                assertArrayEquals(direct[i], result.get(), "run " + i);
            }
        }
    }
}
