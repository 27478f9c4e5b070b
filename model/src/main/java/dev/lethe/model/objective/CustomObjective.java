package dev.lethe.model.objective;

import dev.lethe.model.data.StepBatch;
import java.util.Set;

/// The open door: an objective defined outside this package, for a study of its own.
///
/// A public class with a public constructor that takes an [ObjectiveSetup] can be named on the
/// command line and in YAML files ([ObjectiveJar]).
public non-sealed interface CustomObjective extends Objective {
    /// The roles whose rows a fixed model reads too, for the account of compute.
    default Set<StepBatch.Role> fixedRoles() {
        return Set.of();
    }
}
