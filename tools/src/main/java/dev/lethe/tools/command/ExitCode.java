package dev.lethe.tools.command;

/// How the process ends; 130 (interrupted) is the JVM's own answer to SIGINT.
public final class ExitCode {
    /// All went through, also where a claim does not hold.
    public static final int DONE = 0;

    /// Files, data or the run failed.
    public static final int FAILED = 1;

    /// Command line or configuration refused before any work.
    public static final int REFUSED = 2;

    private ExitCode() {}
}
