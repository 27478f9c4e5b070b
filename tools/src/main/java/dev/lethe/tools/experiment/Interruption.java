package dev.lethe.tools.experiment;

import java.util.function.Consumer;

/// Says on Ctrl-C that nothing is lost. The JVM itself ends the process with 130; whatever moment
/// that is, finished stages are whole and the others go on from their last checkpoint.
final class Interruption implements AutoCloseable {
    private final Thread hook;

    private Interruption(Thread hook) {
        this.hook = hook;
    }

    static Interruption told(Consumer<String> notes) {
        Thread hook =
                new Thread(
                        () -> notes.accept("interrupted; the same command goes on from here"),
                        "lethe-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Interruption(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is going down and the hook has run.
        }
    }
}
