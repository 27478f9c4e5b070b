package dev.lethe.tools.study;

import dev.lethe.tools.experiment.FinishedRun;
import java.nio.file.Path;
import java.util.Optional;

/// A model that is studied.
///
/// @param name as in the run's results, with the run's before it where several are studied; of a
///     directory, its own
/// @param origin where it is of a run
record Subject(String name, Path directory, Optional<Origin> origin) {
    /// @param member what the run says of it
    record Origin(FinishedRun run, FinishedRun.Member member) {}

    Optional<FinishedRun> run() {
        return origin.map(Origin::run);
    }

    Optional<FinishedRun.Member> member() {
        return origin.map(Origin::member);
    }

    /// Its name without the run's.
    String plain() {
        return plain(name);
    }

    /// A model's name without its run's.
    static String plain(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }
}
