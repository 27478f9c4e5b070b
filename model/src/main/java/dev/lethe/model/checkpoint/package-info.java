/// Checkpoint files: named tensors in safetensors layout, whole or sharded, read and written.
///
/// *In:* a path to a `.safetensors` file, a `model.safetensors.index.json`, or their directory.
/// *Out:* [dev.lethe.model.checkpoint.Entry] views of the mapped file; written files and
/// directories that exist whole or not at all.
/// *Next:* `dev.lethe.model.gemma2` names and shapes the weights; the engine copies them into its
/// buffers.
/// *To add one:* an element type is a constant of [dev.lethe.model.checkpoint.ElementType] and its
/// cases in `ElementConversion`; the compiler lists what is missing.
package dev.lethe.model.checkpoint;
