/// `lethe study`: the gradient laboratory on models of a run, drawn and written.
///
/// - **In:** a preset of the resources with the changes of the command line; models of a finished
///   run or of directories; rows of the run's task or of a file.
/// - **Out:** an [dev.lethe.tools.study.Answer]: sections of a page, rows of a table, tensors.
/// - **Next:** `dev.lethe.model.study` computes, `dev.lethe.tools.report` draws.
/// - **To add one:** a YAML file among the resources, a record that it is bound to, a class that
///   answers, and a constant of [dev.lethe.tools.study.StudyName].
package dev.lethe.tools.study;
