/// Tensors, autograd, optimisers and random numbers, without native code.
///
/// - **In:** nothing of Lethe.
/// - **Out:** tensors, ops, gradients, and the `Backend` contract with its plain Java reference.
/// - **Next:** `dev.lethe.kernels` runs the contract at speed, `dev.lethe.model` builds on it.
/// - **To add one:** an op or a kernel family is one file beside its like, and its contract test.
package dev.lethe.engine;
