/// Questions about gradients, curvature and the way between models, answered in numbers.
///
/// - **In:** models, objectives and batches; [dev.lethe.model.study.GradientStudy] is the door.
/// - **Out:** plain records: anatomy, curvature and so on, each number with its error where it is
///   estimated.
/// - **Next:** `dev.lethe.tools` draws and writes them.
/// - **To add one:** a record for the answer, a package-private class that computes it from
///   `dev.lethe.model.gradients` and `dev.lethe.model.spectra`, and a method of `GradientStudy`.
package dev.lethe.model.study;
