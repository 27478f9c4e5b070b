/// Parameters in one flat buffer, and what moves them: AdamW and learning-rate schedules.
///
/// *In:* gradients in the layout of the parameters, a learning rate.
/// *Out:* parameters changed in place, and the gradient norm.
/// *Next:* the trainer of the model module.
/// *To add one:* an optimizer is a class beside AdamW over the same ranges; a schedule is a record in the
/// `permits` clause of Schedule.
package dev.lethe.engine.optim;
