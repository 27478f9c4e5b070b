/// Stages as values: what makes a model of a model, and what attacks it.
///
/// *In:* a [dev.lethe.model.stage.Start], an objective, a training plan, data by step.
/// *Out:* a [dev.lethe.model.stage.TrainedModel] with the compute it took; an
/// [dev.lethe.model.stage.AttackRun] and the [dev.lethe.model.stage.RecoveryCurve] of several.
/// *Next:* experiments in `dev.lethe.tools` put stages together and report.
/// *To add one:* another stage is a [dev.lethe.model.stage.Stage] with other values; another kind
/// of beginning is a record and its name in the `permits` clause of [dev.lethe.model.stage.Start].
package dev.lethe.model.stage;
