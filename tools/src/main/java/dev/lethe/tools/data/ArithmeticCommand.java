package dev.lethe.tools.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.data.arithmetic.Overlap;
import dev.lethe.model.data.arithmetic.Problem;
import dev.lethe.model.data.arithmetic.Problems;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.OutputDirectory;
import dev.lethe.tools.command.RefusedException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Writes the paper's arithmetic data: `train.jsonl` and `valid.jsonl`.
@Command(
        name = "arithmetic",
        description = "Equations and word problems of the paper, for training and to judge by.")
final class ArithmeticCommand extends LetheCommand {
    private static final String TRAIN = "train.jsonl";
    private static final String VALID = "valid.jsonl";
    private static final JsonMapper JSON = new JsonMapper();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "A new or empty directory for train.jsonl and valid.jsonl.")
    private Path out;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "200000",
            description =
                    "Training problems, half equations (default: ${DEFAULT-VALUE}; the paper has"
                            + " 2000000).")
    private int count;

    /// What `--json` prints.
    ///
    /// @param train problems of train.jsonl
    /// @param valid problems of valid.jsonl
    record Report(String out, long seed, int train, int valid, Shared overlap) {}

    /// Of valid.jsonl's different texts and templates, how many train.jsonl has too.
    record Shared(
            int equations,
            @JsonProperty("equations_in_training") int equationsInTraining,
            @JsonProperty("word_problems") int wordProblems,
            @JsonProperty("word_problems_in_training") int wordProblemsInTraining,
            int templates,
            @JsonProperty("templates_in_training") int templatesInTraining) {
        static Shared of(Overlap.Counts counts) {
            return new Shared(
                    counts.equations(),
                    counts.equationsInTraining(),
                    counts.wordProblems(),
                    counts.wordProblemsInTraining(),
                    counts.templates(),
                    counts.templatesInTraining());
        }
    }

    @Override
    protected void run(CommonOptions options, Console console) {
        if (count < 1) {
            throw new RefusedException(
                    "--count: expected at least 1, got %d; correct it".formatted(count));
        }
        long seed = options.seed();
        List<Problem> valid = Problems.evaluation(seed);
        Overlap overlap = new Overlap(valid);
        Overlap.Counts counts =
                OutputDirectory.write(
                        "--out",
                        out,
                        directory -> {
                            write(directory.resolve(VALID), valid::forEach);
                            write(
                                    directory.resolve(TRAIN),
                                    line ->
                                            Problems.training(
                                                    seed, count, line.andThen(overlap::see)));
                            return overlap.counts();
                        });
        Shared shared = Shared.of(counts);
        console.json(new Report(out.toString(), seed, count, valid.size(), shared));
        console.line("%-12s %d problems", TRAIN, count);
        console.line("%-12s %d problems", VALID, valid.size());
        console.line(
                "%-12s %d of %d equations, %d of %d word problems, %d of %d templates of %s are in"
                        + " %s",
                "overlap",
                shared.equationsInTraining(),
                shared.equations(),
                shared.wordProblemsInTraining(),
                shared.wordProblems(),
                shared.templatesInTraining(),
                shared.templates(),
                VALID,
                TRAIN);
    }

    /// One problem a line.
    ///
    /// @param source hands its problems over one by one
    private static void write(Path file, Consumer<Consumer<Problem>> source) {
        AtomicFile.write(
                file,
                channel -> {
                    OutputStream lines =
                            new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                    try {
                        source.accept(problem -> writeLine(lines, problem));
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    }
                    lines.flush();
                });
    }

    private static void writeLine(OutputStream lines, Problem problem) {
        try {
            lines.write(JSON.writeValueAsBytes(problem));
            lines.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
