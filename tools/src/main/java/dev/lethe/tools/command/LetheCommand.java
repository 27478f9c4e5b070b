package dev.lethe.tools.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// A subcommand: its own options are fields of the subclass, which says what to do in [#run].
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpWidth = 100)
public abstract class LetheCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;
    @Spec private CommandSpec spec;

    /// Does the work. Errors are thrown, one line each.
    protected abstract void run(CommonOptions options, Console console) throws Exception;

    /// Whether `--set` means anything here.
    protected boolean hasConfiguration() {
        return false;
    }

    /// Whether the option (`--alpha`) stands on the command line.
    protected final boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    @Override
    public final Integer call() throws Exception {
        common.check();
        if (!common.settings().isEmpty() && !hasConfiguration()) {
            throw new RefusedException(
                    "--set: %s has no configuration, got %s; leave it out"
                            .formatted(spec.name(), common.settings().getFirst()));
        }
        common.applyLogging();
        run(common, new Console(spec.commandLine().getOut(), spec.commandLine().getErr(), common));
        return ExitCode.DONE;
    }
}
