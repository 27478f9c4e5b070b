package dev.lethe.tools.experiment;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DeviceMemory;

/// The memory that a stage may take on a machine.
///
/// What may be planned with depends on the machine alone, so that a choice made by it is the same
/// every time; what is free may be less.
///
/// @param place for people: `the card`, `this machine`
/// @param totalBytes that there are
/// @param plannedBytes of them that a stage may be planned to take
/// @param freeBytes of them that nobody has now
record MemoryBudget(String place, double totalBytes, double plannedBytes, double freeBytes) {
    /// The rest is the context's and what estimates miss.
    private static final double SHARE = 0.9;

    static MemoryBudget of(Backend backend) {
        if (backend.deviceMemory().isPresent()) {
            DeviceMemory card = backend.deviceMemory().get();
            return new MemoryBudget(
                    "the card", card.totalBytes(), SHARE * card.totalBytes(), card.freeBytes());
        }
        double usable = PhysicalMemory.usable();
        return new MemoryBudget("this machine", PhysicalMemory.total(), usable, usable);
    }

    static String gibibytes(double bytes) {
        return Graph.format("%.2f GiB", bytes / 0x1p30);
    }
}
