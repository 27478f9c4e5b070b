/// Text from a model, a token at a time.
///
/// - **In:** a model and the ids of a prompt.
/// - **Out:** the ids that follow.
/// - **Next:** `dev.lethe.tools.generate` turns them into text.
/// - **To add one:** a way to choose the next token is a case of `Sampling`.
package dev.lethe.model.generate;
