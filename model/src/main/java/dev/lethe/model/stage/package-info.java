/// What stages have in common: where they run, what they cost, and how recovery is measured.
///
/// *In:* an objective and a batch for their cost; abilities by attack step for a curve.
/// *Out:* [dev.lethe.model.stage.Compute] by counting, [dev.lethe.model.stage.RecoveryCurve] with its
/// area and the robustness that follows from areas.
/// *Next:* `dev.lethe.model.pipeline` runs stages on a [dev.lethe.model.stage.Machine].
/// *To add one:* another objective's cost is a case in [dev.lethe.model.stage.Flops].
package dev.lethe.model.stage;
