/// The engine's backend contract at speed.
///
/// - **In:** the kernel families of `dev.lethe.engine`.
/// - **Out:** backends, one column of the kernel grid each.
/// - **Next:** `dev.lethe.tools` opens one, and `dev.lethe.bench` measures it.
/// - **To add one:** one file named after column and family, which inherits its contract.
package dev.lethe.kernels;
