package dev.lethe.tools;

import dev.lethe.tools.command.ErrorLine;
import dev.lethe.tools.command.ExitCode;
import dev.lethe.tools.command.ParseErrors;
import dev.lethe.tools.command.PathConverter;
import dev.lethe.tools.command.Version;
import dev.lethe.tools.data.DataCommand;
import dev.lethe.tools.doctor.DoctorCommand;
import dev.lethe.tools.experiment.DemoCommand;
import dev.lethe.tools.experiment.DistillCommand;
import dev.lethe.tools.experiment.EvaluateCommand;
import dev.lethe.tools.experiment.PerturbCommand;
import dev.lethe.tools.experiment.PretrainCommand;
import dev.lethe.tools.experiment.RelearnCommand;
import dev.lethe.tools.experiment.RunCommand;
import dev.lethe.tools.experiment.UnlearnCommand;
import dev.lethe.tools.export.ExportCommand;
import dev.lethe.tools.generate.GenerateCommand;
import dev.lethe.tools.gradients.GradcheckCommand;
import dev.lethe.tools.gradients.GradientsCommand;
import dev.lethe.tools.report.ReportCommand;
import dev.lethe.tools.study.StudyCommand;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// The `lethe` command. Exit codes: 0 done, 1 files, data or the run failed, 2 command line or
/// configuration refused, 130 interrupted.
@Command(
        name = "lethe",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Trains small Gemma 2 models, makes them unlearn, and attacks the result.")
public final class Lethe implements Runnable {
    /// In the order of the help.
    static final List<String> COMMANDS =
            List.of(
                    "demo",
                    "run",
                    "pretrain",
                    "unlearn",
                    "perturb",
                    "distill",
                    "relearn",
                    "evaluate",
                    "report",
                    "data",
                    "gradients",
                    "gradcheck",
                    "export",
                    "study",
                    "generate",
                    "doctor");

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    private Lethe() {}

    private static Object command(String name) {
        return switch (name) {
            case "demo" -> new DemoCommand();
            case "run" -> new RunCommand();
            case "pretrain" -> new PretrainCommand();
            case "unlearn" -> new UnlearnCommand();
            case "perturb" -> new PerturbCommand();
            case "distill" -> new DistillCommand();
            case "relearn" -> new RelearnCommand();
            case "evaluate" -> new EvaluateCommand();
            case "report" -> new ReportCommand();
            case "data" -> new DataCommand();
            case "gradients" -> new GradientsCommand();
            case "gradcheck" -> new GradcheckCommand();
            case "export" -> new ExportCommand();
            case "study" -> new StudyCommand();
            case "generate" -> new GenerateCommand();
            case "doctor" -> new DoctorCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /// Only the command that is asked for is made: picocli reads all annotations of what it knows,
    /// which takes longer than some commands do.
    private static List<String> wanted(String[] arguments) {
        return arguments.length > 0 && COMMANDS.contains(arguments[0])
                ? List.of(arguments[0])
                : COMMANDS;
    }

    /// Runs the command and exits the JVM with its exit code.
    ///
    /// @param arguments the command line, without the program's name
    public static void main(String[] arguments) {
        // Whatever formats a number anywhere below does so with a decimal point.
        Locale.setDefault(Locale.ROOT);
        System.exit(run(arguments, System.out, System.err));
    }

    /// Runs the command within this JVM.
    ///
    /// @return the exit code
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        CommandLine line = new CommandLine(new Lethe());
        wanted(arguments).forEach(name -> line.addSubcommand(name, command(name)));
        line.registerConverter(Path.class, new PathConverter());
        line.setExpandAtFiles(false); // a prompt may begin with @
        line.setOut(new PrintWriter(out, true, out.charset()));
        line.setErr(new PrintWriter(err, true, err.charset()));
        boolean debug = List.of(arguments).contains("--debug");
        line.setParameterExceptionHandler(
                (e, all) -> report(ParseErrors.line(e, all), e, err, debug));
        line.setExecutionExceptionHandler((e, _, _) -> report(ErrorLine.of(e), e, err, debug));
        try {
            int code = line.execute(arguments);
            return code == ExitCode.DONE && out.checkError() ? unheard(err) : code;
        } catch (Error e) { // which picocli lets pass
            return report(ErrorLine.of(e), e, err, debug);
        }
    }

    /// The streams of Java keep their errors to themselves: a full disk must not look like success.
    private static int unheard(PrintStream err) {
        err.println(
                "lethe: standard output: expected a place that takes the result, got an error; check"
                        + " free space or the reader of the pipe");
        return ExitCode.FAILED;
    }

    private static int report(ErrorLine line, Throwable thrown, PrintStream err, boolean debug) {
        err.println("lethe: " + line.text());
        if (debug) {
            thrown.printStackTrace(err);
        }
        return line.exitCode();
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
