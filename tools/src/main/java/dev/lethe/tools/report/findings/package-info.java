/// What follows from a run's values: recovery, robustness, and the claims.
///
/// - **In:** rows of results, compute of the models, thresholds.
/// - **Out:** curves, A, R and judged claims, each with its interval over seeds.
/// - **Next:** figures, pages and `summary.json`.
/// - **To add one:** a claim is a record that `Question` permits.
package dev.lethe.tools.report.findings;
