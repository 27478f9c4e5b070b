package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.pipeline.StageSpec;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The objectives of the laboratory for the models of one group, joined with the models that they
/// compare with: RMU's and the user's with the group's base, distillation's with its teacher.
///
/// @param teacher whose distribution distillation has as its goal
/// @param byName `graddiff` and so on, the user's own last
record GroupObjectives(
        Subject teacher,
        Gemma2 frozen,
        Gemma2 taughtBy,
        SequencedMap<String, Objective> byName)
        implements AutoCloseable {
    /// @param settings a run's own come before these
    /// @param seed where no stage of the group says one
    static GroupObjectives open(
            Losses settings, Subjects.Group group, Laboratory lab, long seed) {
        Losses losses = group.run().map(settings::of).orElse(settings);
        Subject base = group.find("base").orElse(group.all().getFirst());
        Subject teacher = group.find(losses.teacher()).orElse(group.all().getFirst());
        Gemma2 frozen = lab.load(base);
        Gemma2 taughtBy = null;
        try {
            taughtBy = lab.load(teacher);
            long drawn = drawnWith(group, seed);
            SequencedMap<String, Objective> all =
                    new LinkedHashMap<>(losses.objectives(frozen, taughtBy, drawn));
            if (lab.own().isPresent()) {
                OwnObjective own = lab.own().get();
                String name = all.containsKey(own.name()) ? "custom" : own.name();
                all.put(name, own.on(frozen, drawn));
            }
            return new GroupObjectives(teacher, frozen, taughtBy, all);
        } catch (RuntimeException e) {
            frozen.close();
            if (taughtBy != null) {
                taughtBy.close();
            }
            throw e;
        }
    }

    /// The seed that the run drew RMU's direction from.
    private static long drawnWith(Subjects.Group group, long otherwise) {
        return group.all().stream()
                .flatMap(one -> one.member().stream())
                .filter(member -> member.stage() instanceof StageSpec.Unlearn)
                .map(member -> ((StageSpec.Unlearn) member.stage()).seed())
                .findFirst()
                .orElse(otherwise);
    }

    /// @param name of none that [LossName#isPlain]
    Objective get(LossName name) {
        return name == LossName.CUSTOM ? byName.lastEntry().getValue() : byName.get(name.word());
    }

    @Override
    public void close() {
        frozen.close();
        taughtBy.close();
    }
}
