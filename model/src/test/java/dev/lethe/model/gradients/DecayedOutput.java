package dev.lethe.model.gradients;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LogitOutput;
import dev.lethe.model.objective.ModelOutput;

/// Logits that depend on the size of a weight besides, in a way that no example owns.
record DecayedOutput(ModelOutput plain, Gemma2 model) {
    ModelOutput output() {
        LogitOutput logits = (LogitOutput) plain;
        Tensor weight = model.parameters().get("model.norm.weight");
        Tensor shift = sum(multiply(weight, weight));
        return new LogitOutput(
                logits.activations(),
                logits.uncapped(),
                add(logits.values(), multiply(logits.values(), shift)),
                logits.goal(),
                logits.counted(),
                logits.entropy(),
                logits.denominator());
    }
}
