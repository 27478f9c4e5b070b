/// Benchmarks of what is made of kernels: the engine, training, generation, data, checkpoints.
///
/// - **In:** the modules engine and model on the CPU backend.
/// - **Out:** time and memory of whole steps and stages.
/// - **Next:** `dev.lethe.bench.results` sets them beside the ceiling.
/// - **To add one:** extend `Measured`, check the result in `prepare`, count the work in
///   `Counters`; add it to the smoke test.
package dev.lethe.bench.model;
