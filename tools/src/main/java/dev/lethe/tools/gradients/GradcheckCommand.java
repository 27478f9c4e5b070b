package dev.lethe.tools.gradients;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import dev.lethe.model.gemma2.ParameterShape;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.GradientCheck;
import dev.lethe.model.gradients.GradientRounding;
import dev.lethe.tools.command.CheckpointDirectory;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.NameFilter;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.command.WordConverter;
import dev.lethe.tools.progress.Progress;
import dev.lethe.tools.progress.WorkProgress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lethe gradcheck`: whether a gradient is right, and what shorter types make of it.
@Command(
        name = "gradcheck",
        description = {
            "Holds the exact gradient of a loss against finite differences of it in F64, and",
            "gradients in F32 and BF16 against the exact one."
        })
public final class GradcheckCommand extends LetheCommand {
    private static final int SUSPECTS = 3;

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
            names = "--directions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Random directions beside the adversarial ones (default: ${DEFAULT-VALUE}).")
    private int directions;

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            defaultValue = "1e-6",
            description = "Of a slope, relative (default: ${DEFAULT-VALUE}).")
    private double tolerance;

    @Option(
            names = "--against",
            paramLabel = "f32|bf16",
            split = ",",
            defaultValue = "f32,bf16",
            converter = ShorterConverter.class,
            description = "Types to compare with F64 (default: ${DEFAULT-VALUE}).")
    private List<Shorter> against;

    /// Types that a gradient can be computed in instead of F64.
    enum Shorter {
        F32(DType.F32),
        BF16(DType.BF16);

        private final DType dtype;

        Shorter(DType dtype) {
            this.dtype = dtype;
        }
    }

    static final class ShorterConverter extends WordConverter<Shorter> {
        ShorterConverter() {
            super(Shorter.class);
        }
    }

    @Override
    protected void run(CommonOptions options, Console console) {
        requireSensible();
        loss.warnOfUnused(this::isGiven, console);
        Gemma2Config config = Gemma2ConfigJson.read(CheckpointDirectory.require(checkpoint));
        loss.checkLayer(config.layers());
        List<String> selected =
                names.select(config.parameterShapes().stream().map(ParameterShape::name).toList());
        try (BatchFile data = new BatchFile(batch);
                Backend backend = options.openBackend();
                Workers workers = options.openWorkers()) {
            Check check =
                    new Check(
                            config,
                            selected,
                            data,
                            loss.read(data, config),
                            backend,
                            workers,
                            options.seed());
            List<Rounded> rounded = new ArrayList<>();
            against.forEach(type -> rounded.add(rounding(check, type)));
            Progress shown = Progress.on(options.quiet(), line -> console.note("%s", line));
            GradcheckReport report = report(check, rounded, shown);
            console.json(report);
            report.print(console);
            requireHolds(report);
            console.line(
                    "%d slopes agree to %s", report.slopes().size(), Double.toString(tolerance));
        }
    }

    private void requireSensible() {
        if (isGiven("--dtype")) {
            throw new RefusedException(
                    "--dtype: gradcheck compares f64 with others; leave it out, or use --against");
        }
        if (directions < 0 || !(tolerance > 0)) {
            throw new RefusedException(
                    "--directions, --tolerance: expected 0 or more and a number above 0, got %d and %s; correct them"
                            .formatted(directions, tolerance));
        }
        loss.check();
        names.check();
    }

    /// Everything a gradient needs.
    private record Check(
            Gemma2Config config,
            List<String> selected,
            BatchFile data,
            StepBatch step,
            Backend backend,
            Workers workers,
            long seed) {}

    private record Rounded(
            Shorter type, String device, List<GradientRounding> parameters) {}

    /// The gradient in a shorter type, on a backend that has it, against F64 at equal weights.
    private Rounded rounding(Check check, Shorter type) {
        Backend own = check.backend();
        if (own.supports(type.dtype)) {
            return rounding(check, type, own);
        }
        try (Backend reference = Backends.open("reference")) {
            return rounding(check, type, reference);
        }
    }

    private Rounded rounding(Check check, Shorter type, Backend backend) {
        double[] got;
        try (Models models = new Models(checkpoint, check.config(), backend, type.dtype)) {
            got = gradient(models, check);
        }
        try (Models models = new Models(checkpoint, check.config(), check.backend(), DType.F64)) {
            Point point = point(models, check);
            models.round(type.dtype);
            double[] exact = gradient(point, check);
            Coordinates all = Coordinates.of(models.model().parameters(), check.selected());
            return new Rounded(
                    type, backend.name(), GradientRounding.of(all, exact, got, type.dtype));
        }
    }

    private Point point(Models models, Check check) {
        return new Point(
                models.model(), models.objective(loss, check.data(), check.seed()), check.step());
    }

    private double[] gradient(Models models, Check check) {
        return gradient(point(models, check), check);
    }

    private static double[] gradient(Point point, Check check) {
        try (ExactGradients found =
                ExactGradients.of(point, check.selected(), check.workers())) {
            return Coordinates.of(point.model().parameters(), check.selected())
                    .read(found.gradient());
        }
    }

    private GradcheckReport report(Check check, List<Rounded> rounded, Progress shown) {
        int[] suspects =
                rounded.stream()
                        .filter(one -> one.type() == Shorter.F32)
                        .flatMap(
                                one ->
                                        GradientRounding.worst(one.parameters(), SUSPECTS)
                                                .stream())
                        .mapToInt(GradientRounding.Entry::coordinate)
                        .toArray();
        try (Models models = new Models(checkpoint, check.config(), check.backend(), DType.F64)) {
            Point point = point(models, check);
            GradientCheck slopes =
                    new GradientCheck(point, check.selected(), tolerance, check.workers());
            List<GradcheckReport.Line> lines = lines(slopes, check, suspects, shown);
            try (ExactGradients found =
                    ExactGradients.of(point, check.selected(), check.workers())) {
                return new GradcheckReport(
                        found.loss(),
                        ExactGradients.norm(found.gradient()),
                        check.backend().name(),
                        lines,
                        rounded.stream().map(GradcheckCommand::ofType).toList(),
                        lines.stream().noneMatch(GradcheckCommand::differs));
            }
        }
    }

    private List<GradcheckReport.Line> lines(
            GradientCheck slopes, Check check, int[] suspects, Progress shown) {
        int count = directions + 1 + check.selected().size() + suspects.length;
        try (WorkProgress bar = shown.work(count)) {
            return slopes
                    .slopes(
                            directions,
                            check.seed(),
                            suspects,
                            (done, most) ->
                                    bar.show(done, "slope %d of %d".formatted(done, most)))
                    .stream()
                    .map(GradcheckReport.Line::of)
                    .toList();
        }
    }

    private static GradcheckReport.OfType ofType(Rounded rounded) {
        return new GradcheckReport.OfType(
                WordConverter.word(rounded.type()),
                rounded.device(),
                rounded.parameters().stream().map(GradcheckReport.Parameter::of).toList());
    }

    private static boolean differs(GradcheckReport.Line line) {
        return line.verdict().equals(WordConverter.word(GradientCheck.Verdict.DIFFERS));
    }

    private void requireHolds(GradcheckReport report) {
        List<GradcheckReport.Line> wrong =
                report.slopes().stream().filter(GradcheckCommand::differs).toList();
        if (!wrong.isEmpty()) {
            GradcheckReport.Line first = wrong.getFirst();
            throw new FailedException(
                    "%s: expected gradients that agree with differences to %s, got %d of %d slopes that do not, such as %s for %s along %s; correct the objective"
                            .formatted(
                                    loss.word(),
                                    tolerance,
                                    wrong.size(),
                                    report.slopes().size(),
                                    first.exact(),
                                    first.differences(),
                                    first.direction()));
        }
    }
}
