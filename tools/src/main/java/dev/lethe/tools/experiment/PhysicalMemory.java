package dev.lethe.tools.experiment;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// How much memory the machine, or the container, has.
public final class PhysicalMemory {
    private static final double SHARE = 0.7; // the rest is the system's, the JVM's and rough guesses

    private PhysicalMemory() {}

    /// Bytes that stages may take together.
    public static double usable() {
        return SHARE * total();
    }

    /// Bytes that there are.
    static double total() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Double.POSITIVE_INFINITY;
    }
}
