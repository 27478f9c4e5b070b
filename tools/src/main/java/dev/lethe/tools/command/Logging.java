package dev.lethe.tools.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

import org.slf4j.LoggerFactory;

/// What the libraries say, as lines on standard error: standard output belongs to results.
///
/// Logback finds it by `META-INF/services`. It stands in code because an XML parser takes a while to
/// start, and every command would wait for it.
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String OURS = "dev.lethe";

    /// Reads tokenizers, and warns that it has found no GPU, of which it needs none.
    private static final String TOKENIZERS = "ai.djl";

    /// Reads Parquet, and says by the JDK's logging which codec it took. Held, or the level would go
    /// with it.
    private static final java.util.logging.Logger PARQUET =
            java.util.logging.Logger.getLogger("dev.hardwood");

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("lethe: %msg%n");
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger(OURS).setLevel(Level.INFO);
        context.getLogger(TOKENIZERS).setLevel(Level.ERROR);
        PARQUET.setLevel(java.util.logging.Level.WARNING);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// @param quiet errors alone
    static void apply(boolean quiet) {
        ((Logger) LoggerFactory.getLogger(OURS)).setLevel(quiet ? Level.ERROR : Level.INFO);
    }
}
