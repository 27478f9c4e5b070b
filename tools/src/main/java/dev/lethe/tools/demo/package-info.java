/// `lethe demo`: the paper in miniature.
///
/// - **In:** a recipe, seeds, a machine.
/// - **Out:** models, their recovery under attack, and what follows from it.
/// - **Next:** `dev.lethe.tools.report` writes and draws it.
/// - **To add one:** another model is a stage in `ArithmeticStages` and a line in `ArithmeticDemo`.
package dev.lethe.tools.demo;
