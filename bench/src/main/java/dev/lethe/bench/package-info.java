/// The command `tools/bench`: benchmarks that check their result before they time it.
///
/// - **In:** every module of Lethe.
/// - **Out:** rows beside the measured ceiling in `bench/results`, with machine, commit and date;
///   tables.
/// - **Next:** `bench/README.md`.
/// - **To add one:** a benchmark is one class named after the kernel family (`kernel`) or stage
///   (`model`) that it times; a command is a subcommand of `Bench`.
package dev.lethe.bench;
