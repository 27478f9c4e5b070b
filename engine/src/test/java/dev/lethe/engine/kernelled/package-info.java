/// A test column with every fused family as plain F64 loops, written from the formulas and not from
/// the composites, so that saved values, backward kernels and recording are tested without native code.
///
/// *In:* the reference backend and the formulas in the operations' documentation.
/// *Out:* [dev.lethe.engine.kernelled.KernelledBackend].
/// *Next:* the tests of autograd and optimizers, and the contract of fused operations.
/// *To add one:* a class `Loop<Family>` and its method in the backend.
package dev.lethe.engine.kernelled;
