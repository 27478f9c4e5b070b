package dev.lethe.bench;

import dev.lethe.bench.model.Configuration;
import dev.lethe.bench.model.KernelClock;
import dev.lethe.bench.model.KernelClock.Spent;
import dev.lethe.bench.results.Ceilings;
import dev.lethe.bench.results.Provenance;
import dev.lethe.bench.results.ResultFiles;
import dev.lethe.bench.results.Table;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Where the time of a training step goes, kernel by kernel, on one thread.
@Command(
        name = "profile",
        description = {
            "Trains on one thread and prints each kernel's share of a step beside its ceiling.",
            "A kernel's ceiling is that of its products and of the buffers it is given;",
            "fused kernels count traffic alone."
        },
        mixinStandardHelpOptions = true)
final class ProfileCommand implements Callable<Integer> {
    private static final String FILE = "profile";
    private static final String HEADER =
            Provenance.HEADER + ",configuration,kernel,calls,seconds,share,flops,bytes";

    @Parameters(arity = "0..1", paramLabel = "CONFIGURATION", description = "XS, S or M (S).")
    private Configuration configuration = Configuration.S;

    @Option(names = "--seconds", description = "To measure, after as many to warm up (10).")
    private double seconds = 10;

    @Override
    public Integer call() {
        KernelClock clock = new KernelClock(Backends.open("cpu"));
        TrainingPlan plan =
                TrainingPlan.of(
                        Long.MAX_VALUE,
                        configuration.microBatches(),
                        new Schedule.Constant(1e-3, 0));
        var config = configuration.config();
        try (var backend = clock.backend();
                Workers workers = new Workers(1);
                Gemma2 model = Configuration.model(config, backend, DType.F32);
                Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
            StepBatch batch =
                    StepBatch.main(
                            Configuration.batch(
                                    config, configuration.rows(), configuration.tokens()));
            run(trainer, batch);
            clock.reset();
            long begin = System.nanoTime();
            int steps = run(trainer, batch);
            double wall = (System.nanoTime() - begin) * 1e-9 - clock.ownSeconds();
            report(clock.spent(), steps, wall);
        }
        return 0;
    }

    private int run(Trainer trainer, StepBatch batch) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        int steps = 0;
        do {
            trainer.step(batch);
            steps++;
        } while (System.nanoTime() < end);
        return steps;
    }

    private void report(Map<String, Spent> spent, int steps, double wall) {
        ResultFiles files = Bench.files();
        Provenance here = Provenance.now();
        Ceilings ceilings = Bench.ceilings(files, here);
        Table table =
                new Table(
                        "kernel", "calls a step", "us a call", "share", "GFLOP/s", "GB/s", "bound",
                        "%");
        double inKernels = 0;
        List<Map.Entry<String, Spent>> largestFirst =
                spent.entrySet().stream()
                        .sorted(Comparator.comparingDouble(entry -> -entry.getValue().seconds()))
                        .toList();
        for (var entry : largestFirst) {
            Spent s = entry.getValue();
            inKernels += s.seconds();
            Work work = Work.of(s.flops() / s.calls(), s.bytes() / s.calls());
            Ceilings.Bound bound = ceilings.bound(work, 1);
            double percent = bound.percent(s.calls() / s.seconds());
            table.add(
                    entry.getKey(),
                    s.calls() / steps,
                    "%.1f".formatted(1e6 * s.seconds() / s.calls()),
                    "%.1f%%".formatted(100 * s.seconds() / wall),
                    s.flops() == 0 ? "-" : "%.0f".formatted(s.flops() / s.seconds() * 1e-9),
                    "%.1f".formatted(s.bytes() / s.seconds() * 1e-9),
                    bound.name(),
                    Double.isNaN(percent) ? "-" : "%.0f".formatted(percent));
            files.appendLine(FILE, HEADER, line(here, entry.getKey(), s, wall));
        }
        double beyond = wall - inKernels;
        String share = "%.1f%%".formatted(100 * beyond / wall);
        table.add("engine beyond kernels", "", "", share, "", "", "", "");
        double tokens = (double) configuration.rows() * configuration.tokens() * steps;
        System.out.printf(
                "%s, 1 thread, %d steps, %.0f tokens/s%n", configuration, steps, tokens / wall);
        table.print(System.out);
    }

    private String line(Provenance here, String kernel, Spent spent, double wall) {
        return "%s,%s,%s,%d,%.6g,%.4f,%.6g,%.6g"
                .formatted(
                        here.csv(),
                        configuration,
                        kernel,
                        spent.calls(),
                        spent.seconds(),
                        spent.seconds() / wall,
                        spent.flops(),
                        spent.bytes());
    }
}
