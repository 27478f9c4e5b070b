/// Losses as values: pretraining, unlearning, distillation.
///
/// *In:* a model and a [dev.lethe.model.data.StepBatch].
/// *Out:* named, unweighted [dev.lethe.model.objective.LossTerms] over stated denominators.
/// *Next:* `dev.lethe.model.train` differentiates and steps.
/// *To add one:* a record in a file of its own and its name in the `permits` clause of
/// [dev.lethe.model.objective.Objective]; from outside, a [dev.lethe.model.objective.CustomObjective].
package dev.lethe.model.objective;
