package dev.lethe.tools.report;

import dev.lethe.tools.command.Version;

import java.util.LinkedHashMap;
import java.util.Map;

/// What makes a run, by name, for its summary.
public final class Versions {
    private Versions() {}

    public static Map<String, String> all() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("lethe", Version.text());
        versions.put("java", Runtime.version().toString());
        versions.put(
                "system",
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + ", "
                        + System.getProperty("os.arch"));
        return versions;
    }
}
