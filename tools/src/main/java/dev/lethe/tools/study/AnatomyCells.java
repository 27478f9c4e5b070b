package dev.lethe.tools.study;

import dev.lethe.model.gradients.LogitGradient;
import dev.lethe.model.study.Anatomy;
import dev.lethe.model.study.Cosines;
import dev.lethe.model.study.ParameterNorm;
import dev.lethe.model.study.ParameterPlace;
import java.util.List;
import java.util.Locale;

/// Anatomies as rows and tensors.
///
/// @param answer takes them
record AnatomyCells(Answer.Builder answer) {
    void add(String model, Anatomy anatomy) {
        for (Anatomy.OfObjective objective : anatomy.objectives()) {
            answer.cell(model, objective.name() + "_loss", "", objective.loss());
            answer.cell(model, objective.name() + "_gradient_norm", "", objective.norm());
            objective
                    .fusedError()
                    .ifPresent(e -> answer.cell(model, objective.name() + "_fused_error", "", e));
            norms(model, objective.name(), objective.norms());
            answer.tensor(
                    model + "." + objective.name() + ".by_position", objective.byPosition());
        }
        AnatomyTerms.of(anatomy)
                .forEach(
                        (name, term) -> {
                            answer.cell(model, name + "_value", "", term.value());
                            norms(model, name, term.norms());
                            answer.tensor(
                                    model + "." + name + ".by_position", term.byPosition());
                            term.byLogits().ifPresent(of -> logits(model, name, of));
                        });
        cosines(model, "", anatomy.cosines().overall(), anatomy.cosines());
        anatomy.cosines()
                .byGroup()
                .forEach((group, of) -> cosines(model, group, of, anatomy.cosines()));
    }

    /// @param group over whose parameters; empty for all
    private void cosines(String model, String group, double[][] of, Cosines cosines) {
        String tensor = group.isEmpty() ? "" : "." + group.replace(' ', '_');
        answer.tensor(model + ".cosines" + tensor, of);
        List<String> names = cosines.names();
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < i; j++) {
                String pair = names.get(i) + "~" + names.get(j);
                answer.cell(
                        model,
                        group.isEmpty() ? "cosine" : "group_cosine",
                        group.isEmpty() ? pair : group + ": " + pair,
                        of[i][j]);
            }
        }
    }

    private void norms(String model, String name, List<ParameterNorm> norms) {
        ParameterNorm.by(ParameterPlace::group, norms)
                .forEach((group, norm) -> answer.cell(model, name + "_norm", group, norm));
        ParameterNorm.by(place -> place.kind().name().toLowerCase(Locale.ROOT), norms)
                .forEach((kind, norm) -> answer.cell(model, name + "_norm", kind, norm));
    }

    private void logits(String model, String name, LogitGradient of) {
        for (Side side :
                List.of(new Side("after_cap", of.after()), new Side("before_cap", of.before()))) {
            answer.cell(model, name + "_token_norm", side.name, side.of.tokenNorm());
            answer.cell(model, name + "_largest_token_norm", side.name, side.of.largestTokenNorm());
            answer.cell(model, name + "_closed_form_apart", side.name, side.of.largestApart());
        }
    }

    private record Side(String name, LogitGradient.Side of) {}
}
