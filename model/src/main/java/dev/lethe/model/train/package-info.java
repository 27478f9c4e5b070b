/// The one training loop.
///
/// *In:* a model, an [dev.lethe.model.objective.Objective], a [dev.lethe.model.train.TrainingPlan], a [dev.lethe.model.train.BatchSource].
/// *Out:* the model's parameters changed in place, a [dev.lethe.model.train.StepReport] a step,
/// a [dev.lethe.model.train.TrainingCheckpoint] to go on from.
/// A device that can keep a step's work repeats it, [dev.lethe.model.train.Pace]: the host then
/// writes batches and rates and reads losses now and then.
/// *Next:* stages (pretrain, unlearn, distill, relearn) are calls of it with other values.
/// *To add one:* a new kind of training is a new objective or plan, not a new loop; another way to
/// take a step's gradient is a record in the `permits` clause of [dev.lethe.model.train.StepRule].
package dev.lethe.model.train;
