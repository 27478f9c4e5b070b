package dev.lethe.tools.command;

import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.Collection;
import java.util.List;

/// The line for a command line that cannot be parsed, in place of picocli's page.
public final class ParseErrors {
    private ParseErrors() {}

    /// @param first what picocli stopped at
    /// @param arguments the command line
    public static ErrorLine line(ParameterException first, String[] arguments) {
        ParameterException error = unknownBeforeMissing(first, arguments);
        CommandLine command = error.getCommandLine();
        String help = command.getCommandSpec().qualifiedName() + " --help";
        String where = command.getParent() == null ? "" : command.getCommandName() + ": ";
        String what =
                switch (error) {
                    case UnmatchedArgumentException e -> unmatched(e, command);
                    case MissingParameterException e when isAbsent(e) ->
                            "expected %s, got none; add it".formatted(missing(e));
                    default -> plain(error.getMessage());
                };
        String see = what.endsWith("?") ? " See " : "; see ";
        return ErrorLine.refused(where + what + see + help);
    }

    /// A mistyped option makes picocli miss the one that was meant: the typing error tells more.
    private static ParameterException unknownBeforeMissing(
            ParameterException first, String[] arguments) {
        CommandLine root = first.getCommandLine();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        collectErrors(root);
        ParseResult parsed = root.parseArgs(arguments);
        while (parsed != null) {
            for (Exception error : parsed.errors()) {
                if (error instanceof UnmatchedArgumentException unmatched
                        && unmatched.getUnmatched().getFirst().startsWith("-")) {
                    return unmatched;
                }
            }
            parsed = parsed.subcommand();
        }
        return first;
    }

    /// Also in the commands of a group, which would throw within the handler otherwise.
    private static void collectErrors(CommandLine command) {
        command.getCommandSpec().parser().collectErrors(true);
        command.getSubcommands().values().forEach(ParseErrors::collectErrors);
    }

    private static String unmatched(UnmatchedArgumentException error, CommandLine command) {
        String got = error.getUnmatched().getFirst();
        Collection<String> commands = command.getSubcommands().keySet();
        if (got.startsWith("-")) {
            String option = got.replaceFirst("=.*", "");
            List<String> known =
                    command.getCommandSpec().options().stream()
                            .map(OptionSpec::longestName)
                            .toList();
            return "unknown option %s%s".formatted(option, Nearest.suggestion(option, known));
        }
        if (!commands.isEmpty()) {
            return "unknown command %s%s; expected %s"
                    .formatted(
                            got, Nearest.suggestion(got, commands), String.join(" or ", commands));
        }
        return "expected options only, got %s".formatted(got);
    }

    /// Picocli throws the same for an option that is absent and for one without its value.
    private static boolean isAbsent(MissingParameterException error) {
        return error.getMessage().startsWith("Missing required");
    }

    private static String missing(MissingParameterException error) {
        List<String> names = error.getMissing().stream().map(ParseErrors::named).toList();
        return String.join(" and ", names);
    }

    private static String named(ArgSpec argument) {
        return argument instanceof OptionSpec option
                ? option.longestName() + " " + option.paramLabel()
                : argument.paramLabel();
    }

    /// Picocli's sentence as ours: `Invalid value for option '--loss': expected ...` becomes
    /// `--loss: expected ...`. A command has at most one argument without a name, so that one's
    /// place and label go.
    private static String plain(String message) {
        return message.lines()
                .findFirst()
                .orElse("the command line cannot be read")
                .replaceFirst("^Invalid value for option '([^']*)'( \\([^)]*\\))?: ", "$1: ")
                .replaceFirst("^Invalid value for positional parameter at index [^:]*: ", "")
                .replaceFirst("'(.*)' is not an? (int|long)$", "expected a whole number, got $1")
                .replaceFirst("'(.*)' is not a double$", "expected a number, got $1");
    }
}
