/// Charts of a run, in the shape of the paper's panels.
///
/// - **In:** findings and what was measured during training.
/// - **Out:** figures by name, each as SVG and PNG.
/// - **Next:** the page and the run's `figures` directory.
/// - **To add one:** a class with the chart, and a line in [Figures].
package dev.lethe.tools.report.figure;
