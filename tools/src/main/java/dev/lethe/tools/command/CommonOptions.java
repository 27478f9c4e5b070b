package dev.lethe.tools.command;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.gemma2.Precision;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;

/// The options of every command; their order puts them after the command's own in its help.
public final class CommonOptions {
    @Option(
            names = "--device",
            order = 11,
            paramLabel = "auto|cpu|cuda|reference",
            defaultValue = "auto",
            converter = DeviceConverter.class,
            description = "Where to compute (default: the fastest there is).")
    private Device device;

    @Option(
            names = "--dtype",
            order = 12,
            paramLabel = "f32|f64|bf16|bf16-pure",
            converter = PrecisionConverter.class,
            description = {
                "What to compute in (default: each command's own). bf16 trains F32 master weights;",
                "bf16-pure keeps weights and optimizer in BF16 and loses small updates."
            })
    private Precision precision;

    @Option(
            names = "--seed",
            order = 13,
            paramLabel = "N",
            defaultValue = "42",
            description = "Seed of all random numbers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--threads",
            order = 14,
            paramLabel = "N",
            description = "Worker threads (default: one a processor); results do not depend on it.")
    private Integer threads;

    @Option(
            names = "--runs",
            order = 15,
            paramLabel = "DIR",
            defaultValue = "runs",
            description = "Where stages and results are kept (default: ${DEFAULT-VALUE}).")
    private Path runs;

    @Option(
            names = "--set",
            order = 16,
            paramLabel = "a.b=c",
            description = "Changes one value of the configuration; may be repeated.")
    private List<String> settings = List.of();

    @Option(
            names = "--quiet",
            order = 17,
            description = "No progress and no warnings, only results and errors.")
    private boolean quiet;

    @Option(
            names = "--json",
            order = 18,
            description = "The result as one JSON object on standard output.")
    private boolean json;

    @Option(names = "--debug", order = 19, description = "Shows the stack of an error.")
    private boolean debug;

    static final class DeviceConverter extends WordConverter<Device> {
        DeviceConverter() {
            super(Device.class);
        }
    }

    static final class PrecisionConverter extends WordConverter<Precision> {
        PrecisionConverter() {
            super(Precision.class);
        }
    }

    /// What can be told wrong before any work.
    void check() {
        if (threads != null && threads < 1) {
            throw new RefusedException(
                    "--threads: expected at least 1, got %d; leave it out for one a processor"
                            .formatted(threads));
        }
    }

    /// How much the libraries log on standard error.
    void applyLogging() {
        Logging.apply(quiet);
    }

    /// Opens what `--device` names; the caller closes it.
    ///
    /// @throws RefusedException where this version or machine has no such device, or the device
    ///     does not compute in what `--dtype` names
    public Backend openBackend() {
        Backend backend;
        try {
            backend = Backends.open(WordConverter.word(device));
        } catch (IllegalArgumentException e) {
            throw new RefusedException("--device: " + e.getMessage(), e);
        }
        if (precision != null && !backend.supports(precision.weights())) {
            String name = backend.name();
            backend.close();
            throw new RefusedException(
                    ("--dtype: expected f32 or f64 on device %s, got %s; use one of these, or"
                                    + " --device reference")
                            .formatted(name, precision.word()));
        }
        return backend;
    }

    /// As many workers as `--threads` says; the caller closes them.
    public Workers openWorkers() {
        return new Workers(threads());
    }

    public int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /// The device asked for, possibly `auto`.
    public Device device() {
        return device;
    }

    /// The type asked for.
    ///
    /// @param otherwise the command's default
    public Precision precision(Precision otherwise) {
        return precision == null ? otherwise : precision;
    }

    public long seed() {
        return seed;
    }

    public Path runs() {
        return runs;
    }

    /// Each `a.b=c` as given.
    public List<String> settings() {
        return settings;
    }

    public boolean quiet() {
        return quiet;
    }

    public boolean json() {
        return json;
    }

    public boolean debug() {
        return debug;
    }
}
