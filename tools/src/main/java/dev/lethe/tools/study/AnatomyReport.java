package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.study.Anatomy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// `anatomy`: which loss pulls where, and which stops pulling at its goal.
final class AnatomyReport {
    private AnatomyReport() {}

    /// @param models to be studied
    /// @param drawn those whose gradients are shown one by one
    record Form(List<String> models, List<String> drawn, int tokens, Losses losses) {}

    static Answer of(Form form, Laboratory lab, long seed) {
        Losses losses = lab.subjects().run().map(form.losses()::of).orElse(form.losses());
        List<Subject> models = lab.select(form.models());
        Subject first = lab.subjects().find("base").orElse(models.getFirst());
        Subject teaches =
                lab.subjects().find(losses.teacher()).orElse(lab.subjects().all().getFirst());
        SequencedMap<String, Anatomy> found = new LinkedHashMap<>();
        try (Gemma2 frozen = lab.load(first);
                Gemma2 teacher = lab.load(teaches)) {
            long rmuSeed = Losses.rmuSeed(lab.subjects(), seed);
            SequencedMap<String, Objective> objectives =
                    losses.objectives(frozen, teacher, rmuSeed);
            for (Subject one : models) {
                lab.part(one.name(), 0, 1).after(found.size(), models.size());
                try (Gemma2 model = lab.load(one)) {
                    found.put(
                            one.name(), lab.study().anatomy(model, lab.rows().all(), objectives));
                }
            }
        }
        List<String> drawn =
                lab.subjects().run().isPresent() ? form.drawn() : List.of(first.name());
        return new AnatomyDrawing(found, drawn, teaches.name()).answer();
    }
}
