/// `lethe export`: tensors for other tools.
///
/// - **In:** a checkpoint or any safetensors file.
/// - **Out:** one `.npz` file.
/// - **Next:** `dev.lethe.model.checkpoint` reads and writes the formats.
/// - **To add one:** a format is a writer beside `NpzWriter`, chosen by the suffix of `--out`.
package dev.lethe.tools.export;
