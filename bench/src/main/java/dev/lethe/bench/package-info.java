/// Benchmarks that check their result before they time it.
///
/// - **In:** every module of Lethe.
/// - **Out:** rows of throughput beside the measured ceiling, with machine, commit and date.
/// - **Next:** nothing.
/// - **To add one:** a benchmark is one file named after the kernel family or stage that it times.
package dev.lethe.bench;
