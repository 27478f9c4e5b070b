package dev.lethe.model.objective;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Every objective that there is, for tests that all of them must pass.
final class ObjectiveCases {
    /// @param objective made with another model as teacher or frozen copy
    record Case(String name, Function<Gemma2, Objective> objective) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Case> ALL =
            List.of(
                    new Case("next token", _ -> new NextToken()),
                    new Case("gradient difference", _ -> new GradDiff(0.7)),
                    new Case("maximum entropy, targets", _ -> new MaxEnt(1.3, Positions.TARGETS)),
                    new Case("maximum entropy, all", _ -> new MaxEnt(0.6, Positions.ALL)),
                    new Case("RMU, first layer", other -> rmu(0, other)),
                    new Case("RMU, last layer", other -> rmu(2, other)),
                    new Case("distillation, targets", other -> distill(other, Positions.TARGETS)),
                    new Case("distillation, all", other -> distill(other, Positions.ALL)),
                    new Case("custom", _ -> new FinalStateSize()));

    private ObjectiveCases() {}

    private static Objective distill(Gemma2 teacher, Positions positions) {
        return new Distill(teacher, positions);
    }

    private static Objective rmu(int layer, Gemma2 frozen) {
        PhiloxStream stream = new PhiloxStream(3, Purpose.CONTROL_VECTOR, 0);
        double[] u = IntStream.range(0, 12).mapToDouble(stream::normal).toArray();
        return new Rmu(new Rmu.Target(layer, 0.8, u), 1.2, frozen);
    }

    /// Rows of many lengths. Cut into five, a part of each role has no target, one of main and one
    /// of forget not even a position.
    static StepBatch batch() {
        return StepBatch.of(
                Map.of(
                        Role.MAIN, TinyGemma2.batch(1, 7, 0, 7, 1, 4, 6, 2),
                        Role.FORGET, TinyGemma2.batch(2, 6, 6, 0, 1, 5, 2),
                        Role.RETAIN, TinyGemma2.batch(3, 5, 1, 5, 3, 5, 2, 4, 1)));
    }
}
