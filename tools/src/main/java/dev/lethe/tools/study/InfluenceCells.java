package dev.lethe.tools.study;

import dev.lethe.model.study.Influence;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Influences as rows and tensors.
///
/// @param answer takes them
/// @param names of the examples
record InfluenceCells(Answer.Builder answer, List<String> names) {
    void add(String model, Influence of) {
        answer.cell(model, "forget_ce", "", of.target());
        for (Influence.Example one : of.examples()) {
            String name = names.get(one.row());
            answer.cell(model, "norm", name, one.norm());
            answer.cell(model, "forget_cosine", name, one.targetCosine());
            answer.cell(model, "retain_cosine", name, one.retainCosine());
            answer.cell(model, "forget_projection", name, onForget(one));
            answer.cell(model, "retain_projection", name, onRetain(one));
            answer.cell(model, "gain_first_order", name, one.firstOrder());
            answer.cell(model, "gain_second_order", name, one.secondOrder());
            answer.cell(model, "gain_measured", name, one.measured());
        }
        answer.tensor(model + ".gram", of.gram());
        answer.tensor(model + ".norms", each(of, Influence.Example::norm));
        answer.tensor(model + ".forget_projections", each(of, InfluenceCells::onForget));
        answer.tensor(model + ".retain_projections", each(of, InfluenceCells::onRetain));
    }

    /// On the unit vector of the forget loss's gradient.
    private static double onForget(Influence.Example one) {
        return one.norm() * one.targetCosine();
    }

    /// On the unit vector of the retain loss's gradient.
    private static double onRetain(Influence.Example one) {
        return one.norm() * one.retainCosine();
    }

    private static double[] each(Influence of, ToDoubleFunction<Influence.Example> number) {
        return of.examples().stream().mapToDouble(number).toArray();
    }
}
