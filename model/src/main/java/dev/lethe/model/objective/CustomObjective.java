package dev.lethe.model.objective;

/// The open door: an objective defined outside this package, for a study of its own.
public non-sealed interface CustomObjective extends Objective {}
