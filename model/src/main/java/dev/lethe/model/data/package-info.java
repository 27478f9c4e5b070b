/// From text to batches of token ids.
///
/// *In:* texts, generators, ids with masks.
/// *Out:* [dev.lethe.model.data.Batch]es with targets and lengths, and the [dev.lethe.model.data.StepBatch] of a step.
/// *Next:* `dev.lethe.model.objective` makes losses of them.
/// *To add one:* a source of data is a class that makes batches as a function of seed and step.
package dev.lethe.model.data;
