package dev.lethe.tools.export;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.NpzWriter;
import dev.lethe.model.checkpoint.WeightFiles;
import dev.lethe.tools.command.CheckpointDirectory;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.NameFilter;
import dev.lethe.tools.command.OutputFile;
import dev.lethe.tools.command.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lethe export`: tensors as NumPy reads them.
@Command(
        name = "export",
        description = "Writes tensors of a checkpoint or a safetensors file as .npz for NumPy.")
public final class ExportCommand extends LetheCommand {
    private static final String SUFFIX = ".npz";

    @Parameters(
            paramLabel = "DIR-or-FILE",
            description = "A model's directory, or any safetensors file.")
    private Path source;

    @Mixin private NameFilter names;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "The .npz file to write.")
    private Path out;

    /// What `--json` prints.
    ///
    /// @param widened how many BF16 tensors became F32, which NumPy has
    record Exported(String out, int tensors, long elements, int widened) {}

    @Override
    protected void run(CommonOptions options, Console console) throws IOException {
        if (!out.toString().endsWith(SUFFIX)) {
            throw new RefusedException(
                    "--out: expected a name that ends in %s, got %s; NumPy goes by it"
                            .formatted(SUFFIX, out));
        }
        OutputFile.require("--out", out, CheckpointDirectory.files(source));
        try (WeightFiles tensors = WeightFiles.open(source)) {
            List<Entry> chosen =
                    names.select(tensors.names()).stream().map(tensors::entry).toList();
            NpzWriter.write(out, chosen);
            Exported exported =
                    new Exported(
                            out.toString(),
                            chosen.size(),
                            chosen.stream().mapToLong(Entry::elements).sum(),
                            (int)
                                    chosen.stream()
                                            .filter(one -> one.dtype() == ElementType.BF16)
                                            .count());
            console.json(exported);
            console.line(
                    "%d tensors of %,d elements in %s",
                    exported.tensors(), exported.elements(), out);
            if (exported.widened() > 0) {
                console.line(
                        "%d of them were BF16, which NumPy lacks; they are F32 of the same values",
                        exported.widened());
            }
        }
    }
}
