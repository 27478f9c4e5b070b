package dev.lethe.bench.gpu;

import java.util.Optional;

/// A part of the check, which takes less than [Setting#LIMIT] on any GPU.
interface Part {
    /// As given to `--part`.
    String name();

    /// What it does, in a line.
    String about();

    /// Why it cannot be done on this machine, with the remedy; empty where it can.
    default Optional<String> missing(Setting setting) {
        return Optional.empty();
    }

    /// What a simulated device is spared; empty where it does all that a GPU does.
    default String smaller() {
        return "";
    }

    /// Does it. What it throws fails the part.
    void run(Setting setting, Findings findings) throws Exception;
}
