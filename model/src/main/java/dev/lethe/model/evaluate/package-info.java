/// What a model can do, measured.
///
/// *In:* a model and held or generated questions.
/// *Out:* accuracies from 0 to 1, losses in nats a token.
/// *Next:* checks during training, relearning curves, reports.
/// *To add one:* a record over a batch with a method that returns its figure.
package dev.lethe.model.evaluate;
