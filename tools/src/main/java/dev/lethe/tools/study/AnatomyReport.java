package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.study.Anatomy;
import java.util.ArrayList;
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
        List<Subject> models = lab.select(form.models());
        SequencedMap<String, Anatomy> found = new LinkedHashMap<>();
        List<String> drawn = new ArrayList<>();
        String teacher = "";
        for (Subjects.Group group : lab.subjects().groups()) {
            List<Subject> own = models.stream().filter(group.all()::contains).toList();
            if (own.isEmpty()) {
                continue;
            }
            try (GroupObjectives objectives =
                    GroupObjectives.open(form.losses(), group, lab, seed)) {
                teacher = objectives.teacher().plain();
                for (Subject one : own) {
                    found.put(one.name(), anatomy(one, objectives, found.size(), models, lab));
                }
            }
            drawn.addAll(drawn(form, group, own));
        }
        return new AnatomyDrawing(found, drawn, teacher).answer();
    }

    private static Anatomy anatomy(
            Subject one,
            GroupObjectives objectives,
            int before,
            List<Subject> models,
            Laboratory lab) {
        double share = 1.0 / models.size();
        try (Gemma2 model = lab.load(one)) {
            return lab.study()
                    .anatomy(
                            model,
                            lab.rows().all(),
                            objectives.byName(),
                            lab.part(one.name(), share * before, share));
        }
    }

    /// By the form where a run is studied; of directories the first.
    private static List<String> drawn(Form form, Subjects.Group group, List<Subject> own) {
        return group.run().isPresent()
                ? own.stream()
                        .filter(
                                one ->
                                        form.drawn().contains(one.name())
                                                || form.drawn().contains(one.plain()))
                        .map(Subject::name)
                        .toList()
                : List.of(own.getFirst().name());
    }
}
