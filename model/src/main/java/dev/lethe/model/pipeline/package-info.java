/// A study's stages as data, and the store that keeps each result once.
///
/// *In:* [dev.lethe.model.pipeline.StageSpec]s, which name everything a result depends on.
/// *Out:* stage directories named by content hash, with a model or a curve and a
/// [dev.lethe.model.pipeline.StageResult].
/// *Next:* experiments lay stages out as a graph; reports read the results.
/// *To add one:* a record in [dev.lethe.model.pipeline.StageSpec] and its case in the runner.
package dev.lethe.model.pipeline;
