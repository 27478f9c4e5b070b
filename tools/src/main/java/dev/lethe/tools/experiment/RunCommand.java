package dev.lethe.tools.experiment;

import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.command.WordConverter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lethe run`: an experiment, of which finished stages are not made again.
@Command(
        name = "run",
        description =
                "Runs an experiment to its report; a run that was interrupted goes on where it was.")
public final class RunCommand extends LetheCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "EXPERIMENT",
            description = {
                "arithmetic-miniature, language-miniature, arithmetic-paper, language-paper, or a YAML",
                "file such as a run's config.yaml; may be left out with --list."
            })
    private String experiment;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many seeds, from --seed on (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--launcher",
            paramLabel = "local|slurm",
            defaultValue = "local",
            converter = LauncherConverter.class,
            description = "Where stages run (default: ${DEFAULT-VALUE}).")
    private Launcher launcher;

    @Option(names = "--list", description =
                    "Shows the stages and which are done, or the experiments there are; runs"
                            + " nothing.")
    private boolean list;

    enum Launcher {
        LOCAL,
        SLURM
    }

    static final class LauncherConverter extends WordConverter<Launcher> {
        LauncherConverter() {
            super(Launcher.class);
        }
    }

    @Override
    protected boolean hasConfiguration() {
        return true;
    }

    @Override
    protected void run(CommonOptions options, Console console) {
        if (launcher == Launcher.SLURM) {
            throw new RefusedException(
                    "--launcher: expected local, got slurm, which this version does not have yet;"
                            + " leave it out");
        }
        if (experiment == null) {
            if (!list) {
                throw new RefusedException(
                        "experiment: expected %s or a YAML file, got none; name one"
                                .formatted(String.join(", ", ExperimentFile.PRESETS)));
            }
            PresetList.show(console);
            return;
        }
        ExperimentRun run = ExperimentRun.open(experiment, seeds, options);
        if (list) {
            run.list(options, console);
        } else {
            run.run(options, console);
        }
    }
}
