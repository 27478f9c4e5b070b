/// `lethe gradients`: exact gradients and Hessian-vector products of every loss, as a file.
///
/// - **In:** a checkpoint, a batch file, a loss and its settings.
/// - **Out:** a safetensors file under Hugging Face's names, and the loss in its parts.
/// - **Next:** `dev.lethe.model.gradients` computes them.
/// - **To add one:** a loss is a constant of `Loss` and a case of `Models.objective`.
package dev.lethe.tools.gradients;
