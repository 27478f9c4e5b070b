/// Measurements as rows: where they came from, what bounds them, how they are kept and shown.
///
/// - **In:** JMH's results, and the machine.
/// - **Out:** `bench/results/*.csv`, one file a benchmark class, and tables.
/// - **Next:** `bench/README.md`, and whoever asks what is worth making faster.
/// - **To add one:** a column is a component of `Row`; older files then need the new header.
package dev.lethe.bench.results;
