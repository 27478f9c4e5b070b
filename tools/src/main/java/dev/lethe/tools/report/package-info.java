/// What a run found: claims, tables, figures, files.
///
/// - **In:** models with their recovery under attack, seed by seed.
/// - **Out:** `results.csv`, `summary.json`, figures, and text for the terminal.
/// - **Next:** people and their scripts.
/// - **To add one:** a claim is a method of `Findings`, a figure or table a file of its own.
package dev.lethe.tools.report;
