/// `lethe generate`: text from a checkpoint.
///
/// - **In:** a checkpoint and a prompt.
/// - **Out:** the text that follows, on standard output.
/// - **Next:** `dev.lethe.model.generate` chooses the tokens.
/// - **To add one:** a tokenizer is a case of `GenerateCommand.tokenizer`.
package dev.lethe.tools.generate;
