package dev.lethe.bench.model;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.memory.DType;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// A model directory in the temporary directory, written and read: that is the file system's cache
/// unless it writes through. The ceiling is that of reading and writing memory once.
public class CheckpointBenchmark extends Measured {
    @Param({"XS", "S", "M"})
    String configuration;

    private Gemma2 model;
    private Path directory;
    private Work work;

    @Override
    protected void prepare() {
        model = Configuration.model(
                Configuration.valueOf(configuration).config(), backend, DType.F32);
        work = Work.of(0, 8.0 * model.parameters().count());
        try {
            directory = Files.createTempDirectory("lethe-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Gemma2Checkpoint.save(model, directory);
        try (Gemma2 read = Gemma2Checkpoint.load(directory, backend, DType.F32)) {
            double[] expected = Checks.values(model.parameters());
            Checks.requireClose("checkpoint", expected, Checks.values(read.parameters()), 0);
        }
    }

    /// Written beside and renamed.
    @Benchmark
    public void save(Counters counters) {
        Gemma2Checkpoint.save(model, directory);
        counters.add(work);
    }

    /// Mapped and copied to the backend.
    @Benchmark
    public void load(Counters counters) {
        Gemma2Checkpoint.load(directory, backend, DType.F32).close();
        counters.add(work);
    }

    @Override
    protected void release() {
        model.close();
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
