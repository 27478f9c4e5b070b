/// Lethe beside PyTorch, each run in a process of its own.
///
/// - **In:** configurations XS, S and M; the LibTorch program of the Maven profile `peers`; a
///   Python with PyTorch where there is one.
/// - **Out:** medians, ranges and ratios of speed and memory; `bench/results/peers.csv`.
/// - **Next:** the tables of `bench/README.md`.
/// - **To add one:** a peer is a constant of `Program`; its process prints one line that begins
///   with `peer` and holds `name=value` pairs.
package dev.lethe.bench.peers;
