package dev.lethe.tools.experiment;

import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.WordConverter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lethe demo`: `lethe run` of the preset for what is to be learned and forgotten.
@Command(
        name = "demo",
        description =
                "The paper in miniature: small models learn, unlearn, are distilled, and are all"
                        + " attacked by relearning.")
public final class DemoCommand extends LetheCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "arithmetic|language",
            defaultValue = "arithmetic",
            converter = DomainConverter.class,
            description =
                    "Multiplication and division are forgotten, or Korean (default:"
                            + " ${DEFAULT-VALUE}).")
    private Domain domain;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many seeds, from --seed on (default: ${DEFAULT-VALUE}).")
    private int seeds;

    /// What is learned and forgotten.
    enum Domain {
        ARITHMETIC,
        LANGUAGE
    }

    static final class DomainConverter extends WordConverter<Domain> {
        DomainConverter() {
            super(Domain.class);
        }
    }

    @Override
    protected boolean hasConfiguration() {
        return true;
    }

    @Override
    protected void run(CommonOptions options, Console console) {
        ExperimentRun.open(WordConverter.word(domain) + "-miniature", seeds, options)
                .run(options, console);
    }
}
