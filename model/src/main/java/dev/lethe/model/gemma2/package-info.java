/// Gemma 2: its configuration, its parameters by name and shape, and Hugging Face's `config.json`.
///
/// *In:* a preset, a `config.json`, or values set one by one on the builder.
/// *Out:* a checked [dev.lethe.model.gemma2.Gemma2Config] and its list of parameters.
/// *Next:* `dev.lethe.model.checkpoint` holds the weights that the configuration asks for.
/// *To add one:* a preset is a constant of [dev.lethe.model.gemma2.Gemma2Presets]; a key of
/// `config.json` is a line in the reader and one in the writer, or a refusal.
package dev.lethe.model.gemma2;
