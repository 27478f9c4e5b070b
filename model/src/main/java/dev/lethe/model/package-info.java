/// From data to a trained, unlearned, distilled and attacked Gemma 2.
///
/// - **In:** text and checkpoints; tensors and gradients of `dev.lethe.engine`.
/// - **Out:** checkpoints, evaluations and metrics.
/// - **Next:** `dev.lethe.tools` composes the stages into experiments.
/// - **To add one:** an objective or a stage is one file and its name in the `permits` clause.
package dev.lethe.model;
