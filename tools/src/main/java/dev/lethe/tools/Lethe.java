package dev.lethe.tools;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// The `lethe` command. Exit codes: 0 done, 1 files, data or the run failed, 2 command line or
/// configuration refused, 130 interrupted.
@Command(
        name = "lethe",
        mixinStandardHelpOptions = true,
        versionProvider = Lethe.Version.class,
        description = "Trains small Gemma 2 models, makes them unlearn, and attacks the result.")
public final class Lethe implements Runnable {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    private Lethe() {}

    /// Runs the command and exits the JVM with its exit code.
    ///
    /// @param arguments the command line, without the program's name
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Lethe()).execute(arguments));
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// Reads the version that the build wrote into the JAR's manifest.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Lethe.class.getPackage().getImplementationVersion();
            return new String[] {"lethe " + (version == null ? "(not packaged)" : version)};
        }
    }
}
