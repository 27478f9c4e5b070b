/// Damage to weights between unlearning and distillation.
///
/// *In:* a model's [dev.lethe.engine.optim.Parameters].
/// *Out:* the same parameters, shrunk and perturbed in place.
/// *Next:* distillation with `dev.lethe.model.train` heals what is to be kept.
/// *To add one:* a record of its settings with a method that changes parameters in place.
package dev.lethe.model.perturb;
