package dev.lethe.tools.study;

import dev.lethe.tools.experiment.FinishedRun;
import java.nio.file.Path;
import java.util.Optional;

/// A model that is studied.
///
/// @param name as in the run's results, or of its directory
/// @param member where it is of a run
record Subject(String name, Path directory, Optional<FinishedRun.Member> member) {}
