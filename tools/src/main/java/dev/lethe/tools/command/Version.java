package dev.lethe.tools.command;

import picocli.CommandLine.IVersionProvider;

/// The version that the build wrote into the JAR's manifest.
public final class Version implements IVersionProvider {
    /// `0.1.0`, or `(not packaged)` for classes run from a folder.
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"lethe " + text()};
    }
}
