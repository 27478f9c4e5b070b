package dev.lethe.tools.gradients;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import dev.lethe.model.gemma2.ParameterShape;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.gradients.ExactGradients;
import dev.lethe.model.objective.Objective;
import dev.lethe.tools.command.ArenaUse;
import dev.lethe.tools.command.CheckpointDirectory;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.NameFilter;
import dev.lethe.tools.command.OutputFile;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Exact gradients, and Hessian-vector products, of a loss at a checkpoint on a batch.
@Command(
        name = "gradients",
        description = "Writes the exact gradient of a loss at a checkpoint on a batch.")
public final class GradientsCommand extends LetheCommand {
    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "DIR",
            description = "The model: config.json and model.safetensors.")
    private Path checkpoint;

    @Option(
            names = "--batch",
            required = true,
            paramLabel = "FILE",
            description = "Safetensors with main., forget., retain. + input_ids, attention_mask.")
    private Path batch;

    @Mixin private LossOptions loss;

    @Mixin private NameFilter names;

    @Option(
            names = "--hvp",
            paramLabel = "FILE",
            description = "Safetensors with v.PARAMETER: writes the Hessian times v too.")
    private Path hvp;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "The safetensors file to write.")
    private Path out;

    @Override
    protected void run(CommonOptions options, Console console) throws Exception {
        loss.check();
        names.check();
        Precision precision = options.precision(Precision.F64);
        OutputFile.require("--out", out, inputs());
        loss.warnOfUnused(this::isGiven, console);
        // All that needs no weights is checked before a device is opened.
        Gemma2Config config = Gemma2ConfigJson.read(CheckpointDirectory.require(checkpoint));
        loss.checkLayer(config.layers());
        List<String> selected =
                names.select(config.parameterShapes().stream().map(ParameterShape::name).toList());
        try (BatchFile data = new BatchFile(batch)) {
            StepBatch step = loss.read(data, config);
            try (Backend backend = options.openBackend();
                    Workers workers = options.openWorkers();
                    Models models = new Models(checkpoint, config, backend, precision.weights())) {
                Objective objective = models.objective(loss, data, options.seed());
                ExactGradients.Point point =
                        new ExactGradients.Point(models.model(), objective, step);
                try (ExactGradients found = compute(point, selected, workers)) {
                    requireFinite(found);
                    write(found);
                    report(found, backend, precision, console);
                }
            }
        }
    }

    private List<Path> inputs() throws IOException {
        List<Path> inputs = new ArrayList<>();
        for (Path place : Arrays.asList(batch, checkpoint, loss.teacher, loss.frozen, hvp)) {
            if (place != null) {
                inputs.addAll(CheckpointDirectory.files(place));
            }
        }
        return inputs;
    }

    private ExactGradients compute(
            ExactGradients.Point point, List<String> selected, Workers workers) {
        if (hvp == null) {
            return ExactGradients.of(point, selected, workers);
        }
        try (SafeTensors file = SafeTensors.open(hvp);
                Parameters direction = ExactGradients.zeros(point.model(), selected)) {
            for (String name : selected) {
                Gemma2Checkpoint.copy(file, "v." + name, direction, name);
            }
            return ExactGradients.along(point, direction, workers);
        }
    }

    private void requireFinite(ExactGradients found) {
        found.terms().forEach(this::requireFinite);
        requireFinite("the gradient's norm", ExactGradients.norm(found.gradient()));
        found.product()
                .ifPresent(
                        hv ->
                                requireFinite(
                                        "the Hessian-vector product's norm",
                                        ExactGradients.norm(hv)));
    }

    private void requireFinite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new FailedException(
                    ("%s: expected a finite number, got %s; check the weights of %s, or use"
                                    + " --dtype f64")
                            .formatted(what, value, checkpoint));
        }
    }

    private void write(ExactGradients found) {
        try (Arena arena = Arena.ofConfined()) {
            List<Entry> entries = new ArrayList<>(entries("", found.gradient(), arena));
            found.product().ifPresent(hv -> entries.addAll(entries("hvp.", hv, arena)));
            SafeTensorsWriter.write(out, entries);
        }
    }

    private static List<Entry> entries(String prefix, Parameters tensors, Arena arena) {
        return tensors.names().stream()
                .map(name -> Gemma2Checkpoint.entry(prefix + name, tensors.get(name), arena))
                .toList();
    }

    private void report(
            ExactGradients found, Backend backend, Precision precision, Console console) {
        SequencedMap<String, Long> denominators = new LinkedHashMap<>();
        found.denominators().forEach((name, count) -> denominators.put(name, Math.round(count)));
        GradientsReport report =
                new GradientsReport(
                        found.loss(),
                        found.terms(),
                        denominators,
                        ExactGradients.norm(found.gradient()),
                        backend.name(),
                        precision.word(),
                        ArenaUse.of(backend.memory()));
        console.json(report);
        console.line("%-20s %s", "loss", report.loss());
        report.terms()
                .forEach(
                        (name, value) ->
                                console.line(
                                        "%-20s %s, the mean over %d",
                                        name, value, denominators.get(name)));
        console.line("%-20s %s", "gradient norm", report.gradientNorm());
        console.line("%-20s %s (%s, %s)", "written", out, report.device(), report.dtype());
    }
}
