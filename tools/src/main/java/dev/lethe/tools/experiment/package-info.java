/// `lethe run` and `lethe demo`: a study from one YAML file to its report; and the commands for one
/// stage alone.
///
/// - **In:** an [dev.lethe.tools.experiment.Experiment], bound strictly from a preset or a file.
/// - **Out:** stages in the store, and `<runs>/<experiment>/` written by `dev.lethe.tools.report`.
/// - **Next:** [dev.lethe.tools.experiment.Graph] lays the stages out,
///   [dev.lethe.tools.experiment.Scheduler] runs them, [dev.lethe.tools.experiment.Measurements]
///   turns their results into rows.
/// - **To add one:** another model is a recipe in `Experiment` and a line in `Graph`; another preset
///   is a YAML file among the resources and its name in `ExperimentFile`.
package dev.lethe.tools.experiment;
