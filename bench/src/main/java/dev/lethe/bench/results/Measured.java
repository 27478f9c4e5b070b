package dev.lethe.bench.results;

import dev.lethe.engine.backend.Backend;
import dev.lethe.kernels.Backends;
import dev.lethe.kernels.cuda.CudaBackend;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What all benchmarks share: a JVM of their own with the flags of `tools/lethe`, five iterations
/// of a second after three of warm-up, operations a second, and a backend: the CPU's unless told.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC"
        })
public abstract class Measured {
    /// As given to `--device`.
    @Param("cpu")
    protected String device;

    /// Open from before `prepare` until after `release`.
    protected Backend backend;

    /// Builds what is timed, and checks what it does.
    protected abstract void prepare();

    /// Gives back what `prepare` built.
    protected abstract void release();

    /// Opens the backend and prepares.
    @Setup(Level.Trial)
    public final void open() {
        backend = Backends.open(device);
        prepare();
    }

    /// Waits for what an operation left to a device. The last thing a benchmark does.
    protected final void finish() {
        if (backend instanceof CudaBackend cuda) {
            cuda.synchronize();
        }
    }

    /// Releases and closes the backend.
    @TearDown(Level.Trial)
    public final void close() {
        release();
        backend.close();
    }
}
