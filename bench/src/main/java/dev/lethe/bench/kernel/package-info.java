/// One benchmark a kernel family, and the machine's own ceilings.
///
/// - **In:** operations of the engine on the CPU backend, at shapes of the models S and M and odd
///   ones.
/// - **Out:** time, arithmetic and traffic of forward and backward passes.
/// - **Next:** `dev.lethe.bench.results` sets them beside the ceiling.
/// - **To add one:** extend `OpBenchmark`, give shapes as `@Param` and one `Operation`; add it to
///   the smoke test.
package dev.lethe.bench.kernel;
