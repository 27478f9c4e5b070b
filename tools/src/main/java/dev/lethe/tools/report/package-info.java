/// What a run found, for people: judged, drawn, and written as a page.
///
/// - **In:** a [Run][dev.lethe.tools.report.results.Run], fresh from an experiment or read from its
///   directory.
/// - **Out:** `results.csv`, `summary.json`, `figures`, `report.html`, and text for the terminal.
/// - **Next:** people and their scripts.
/// - **To add one:** a claim goes to `findings`, a figure to `figure`, a section of the page to
///   `page`, a file to `results`; [Report] ties them together.
package dev.lethe.tools.report;
