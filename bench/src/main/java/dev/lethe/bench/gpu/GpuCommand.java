package dev.lethe.bench.gpu;

import dev.lethe.bench.gpu.Finding.Verdict;
import dev.lethe.bench.gpu.PartResult.Status;
import dev.lethe.kernels.cuda.CudaFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tools/gpu-check`: runs the parts one after the other, each in a process of its own, and writes
/// the report after each.
@Command(
        name = "gpu-check",
        description = {
            "Tests, measures and reports the GPU of this machine, part by part. Parts that have",
            "passed are not run again. Exit codes: 0 all passed or were skipped, 1 a part failed",
            "or there is no GPU."
        },
        mixinStandardHelpOptions = true)
public final class GpuCommand implements Callable<Integer> {
    @Option(
            names = "--part",
            paramLabel = "NAME",
            description = "This part alone; may be repeated. All if none.")
    private List<String> names = List.of();

    @Option(names = "--list", description = "Lists the parts.")
    private boolean list;

    @Option(names = "--again", description = "Also what has passed before.")
    private boolean again;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            defaultValue = "runs",
            description = "Where results are kept (default: ${DEFAULT-VALUE}).")
    private Path runs;

    /// The device, where one can be opened.
    static Optional<Card> card(CudaFacts facts) {
        return facts.card()
                .map(name -> new Card(name, facts.device().orElseThrow(), facts.simulated()));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (list) {
            Parts.ALL.forEach(part -> System.out.printf("%-13s %s%n", part.name(), part.about()));
            return 0;
        }
        List<Part> parts =
                names.isEmpty() ? Parts.ALL : names.stream().map(Parts::named).toList();
        CudaFacts facts = CudaFacts.ofThisMachine();
        Optional<Card> found = card(facts);
        if (found.isEmpty()) {
            System.err.println("no GPU: " + facts.missing().orElse("none was found"));
            return 1;
        }
        Card card = found.get();
        PartFiles files =
                new PartFiles(
                        runs.resolve("gpu-check").resolve(card.folder()).toAbsolutePath());
        System.out.printf("%s: %s%n", card.device(), card.description());
        if (card.simulated()) {
            System.out.println("simulated: tiny sizes, and no figure says anything about a GPU");
        }
        boolean failed = false;
        for (Part part : parts) {
            PartResult result = result(part, files, card);
            failed |= result.status() == Status.FAILED;
            files.report(card);
        }
        System.out.println("report: " + files.folder().resolve("report.md"));
        return failed ? 1 : 0;
    }

    private PartResult result(Part part, PartFiles files, Card card)
            throws IOException, InterruptedException {
        Optional<PartResult> before = files.read(part);
        if (!again && before.filter(PartResult::finished).isPresent()) {
            say(before.get(), " (before)");
            return before.get();
        }
        System.out.printf("%-13s %s%n", part.name(), part.about());
        PartResult result = run(part, files, card);
        say(result, "");
        return result;
    }

    private static void say(PartResult result, String when) {
        System.out.printf(
                "%-13s %s%s in %.0f s%s%n",
                result.part(),
                result.status().name().toLowerCase(Locale.ROOT),
                when,
                result.seconds(),
                result.note().isEmpty() ? "" : ": " + result.note());
        result.findings().stream()
                .filter(
                        one ->
                                one.verdict() == Verdict.FAILS
                                        || one.verdict() == Verdict.MISSED)
                .forEach(
                        one ->
                                System.out.printf(
                                        "              %s: %.5g %s, wanted %s%n",
                                        one.what(), one.value(), one.unit(), one.wanted()));
    }

    private static PartResult run(Part part, PartFiles files, Card card)
            throws IOException, InterruptedException {
        files.forget(part);
        long begin = System.nanoTime();
        Child child =
                Child.run(
                        new ProcessBuilder(
                                Child.java(
                                        System.getProperty("java.class.path"),
                                        PartProcess.class.getName(),
                                        part.name(),
                                        files.folder().toString())),
                        files.log(part),
                        Setting.LIMIT.plusSeconds(5));
        Optional<PartResult> left = files.read(part);
        if (left.isPresent()) {
            return left.get();
        }
        PartResult died =
                new PartResult(
                        part.name(),
                        Status.FAILED,
                        (System.nanoTime() - begin) * 1e-9,
                        "its process " + child.ending(),
                        card.device(),
                        PartProcess.commit(),
                        PartProcess.now(),
                        List.of());
        files.write(part, died);
        return died;
    }
}
