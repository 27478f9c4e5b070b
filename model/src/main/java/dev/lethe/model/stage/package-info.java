/// What stages have in common: where they run and what they cost.
///
/// *In:* an objective and a batch.
/// *Out:* [dev.lethe.model.stage.Compute] by counting.
/// *Next:* `dev.lethe.model.pipeline` runs stages on a [dev.lethe.model.stage.Machine].
/// *To add one:* another objective's cost is a case in [dev.lethe.model.stage.Flops].
package dev.lethe.model.stage;
