package dev.lethe.tools.data;

import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.RefusedException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// Reserved for FineWeb's shards.
@Command(name = "parquet", description = "Not in this version.")
final class ParquetCommand extends LetheCommand {
    /// Taken as they come, so that the line below is the only answer.
    @Unmatched private List<String> rest = new ArrayList<>();

    @Override
    protected void run(CommonOptions options, Console console) {
        throw new RefusedException(
                "data parquet: expected a version that reads Parquet, got this one, which does not"
                        + " yet; convert to JSON lines {\"text\": ...} and use lethe data text");
    }
}
