/// The CPU column of the kernel grid: Vector API loops, and oneDNN and OpenBLAS through `java.lang.foreign`.
///
/// - **In:** host buffers; every kernel checks types and lengths once, then works on raw addresses.
/// - **Out:** the same bits whatever the number of threads, compiled or interpreted: sums follow
///   the fixed tree of `LaneSum`, exp, tanh and log are the polynomials of `VectorMath`.
/// - **Next:** `dev.lethe.kernels.Backends` opens it.
/// - **To add one:** `Cpu<Family>.java` implements the family's interface, `CpuBackend` returns it,
/// and a subclass of the family's contract tests it. Its vector loops go to a `<Family>Loops` that
/// `CompilerDirectives` names, each of some forty vector operations at most.
package dev.lethe.kernels.cpu;
