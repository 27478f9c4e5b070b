/// Tensors, operations and their derivatives to any order.
///
/// *In:* leaves (parameters, constants, ids) and an open [dev.lethe.engine.backend.TensorArena].
/// *Out:* results with history, and [dev.lethe.engine.autograd.Gradients] of a loss.
/// *Next:* `dev.lethe.engine.optim` turns gradients into steps; models are written in these operations.
/// *To add one:* a record in a file of its own, its name in the `permits` clause of
/// [dev.lethe.engine.autograd.Primitive] or [dev.lethe.engine.autograd.Fused], and its case in the gradient tests.
package dev.lethe.engine.autograd;
