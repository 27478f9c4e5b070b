/// The files of a run as values: rows, compute, claims, answers.
///
/// - **In:** what the experiment measured, or a run directory.
/// - **Out:** `results.csv`, `series.csv`, `answers.json` and `summary.json`, read and written
///   strictly.
/// - **Next:** `findings` judges them, `figure` and `page` show them.
/// - **To add one:** a metric or an attack is a constant of its enum; a file is a record of its
///   own.
package dev.lethe.tools.report.results;
