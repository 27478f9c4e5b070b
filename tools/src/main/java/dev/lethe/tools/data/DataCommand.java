package dev.lethe.tools.data;

import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.command.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The commands that make data sets.
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        usageHelpWidth = 100,
        description = "Makes data sets: JSON lines and token shards.",
        subcommands = {ArithmeticCommand.class, TextCommand.class, ParquetCommand.class})
public final class DataCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new RefusedException(
                "data: expected %s, got none; see %s --help"
                        .formatted(
                                String.join(" or ", spec.subcommands().keySet()),
                                spec.qualifiedName()));
    }
}
