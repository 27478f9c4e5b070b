/// Exact derivatives of an objective, for study rather than for a step.
///
/// - **In:** a model, an objective, a batch, and perhaps directions.
/// - **Out:** the loss in its parts, its gradient, products with its Hessian, Gauss-Newton matrix
///   and third derivative ([dev.lethe.model.gradients.LossSurface]), the gradients of single terms
///   and of single examples ([dev.lethe.model.gradients.TermGradient],
///   [dev.lethe.model.gradients.ExampleGradients]).
/// - **Next:** `dev.lethe.model.study` asks questions of them; `dev.lethe.tools.gradients` writes
///   them to a file.
/// - **To add one:** a further derivative is a method of `LossSurface` that differentiates the same
///   terms, part by part.
package dev.lethe.model.gradients;
