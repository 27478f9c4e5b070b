package dev.lethe.bench.gpu;

import java.nio.file.Path;
import java.time.Duration;

/// Where and for how long a part runs.
///
/// @param folder for its files; exists
/// @param deadline of [System#nanoTime]: when it has to be done
record Setting(Card card, Path folder, long deadline) {
    /// What a part may take.
    static final Duration LIMIT = Duration.ofSeconds(470);

    /// The simulated device computes on the host: tiny sizes.
    boolean tiny() {
        return card.simulated();
    }

    Duration left() {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    /// The smaller of a time and what is left, less some to report in.
    Duration atMost(Duration time) {
        Duration rest = left().minusSeconds(10);
        return rest.compareTo(time) < 0 ? rest : time;
    }
}
