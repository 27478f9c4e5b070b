/// Exact derivatives of an objective, for study rather than for a step.
///
/// - **In:** a model, an objective, a batch, and perhaps a direction.
/// - **Out:** the loss in its parts, its gradient, and the Hessian times the direction.
/// - **Next:** `dev.lethe.tools.gradients` writes them to a file.
/// - **To add one:** a further derivative is a class here that differentiates the same terms.
package dev.lethe.model.gradients;
