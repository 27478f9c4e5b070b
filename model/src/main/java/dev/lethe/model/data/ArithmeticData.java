package dev.lethe.model.data;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.ArrayList;
import java.util.List;

/// Training data of the arithmetic miniature. A batch is a function of seed, stream and step alone.
public final class ArithmeticData {
    /// Rows of 12 ids: the longest text has ten characters.
    public static final TextRows ROWS = new TextRows(new ByteTokenizer(), 12);

    private ArithmeticData() {}

    /// A half of a family's texts to attack with and the other half to judge by, always the same.
    ///
    /// @param shown the attacker's
    /// @param held never shown
    public record Halves(List<String> shown, List<String> held) {}

    /// Halves of a family at random.
    public static Halves halves(Equations family) {
        List<String> texts = shuffled(family);
        int middle = texts.size() / 2;
        return new Halves(texts.subList(0, middle), texts.subList(middle, texts.size()));
    }

    /// A family's texts in an order that is random but the same in every run, whatever its seed.
    public static List<String> shuffled(Equations family) {
        List<String> texts = family.texts();
        PhiloxStream random = new PhiloxStream(0, Purpose.EVALUATION, family.ordinal());
        List<String> order = new ArrayList<>(texts.size());
        for (int at : random.permutation(texts.size())) {
            order.add(texts.get(at));
        }
        return order;
    }

    /// The training rows of one step, 11 input positions each.
    ///
    /// @param stream sets the data of stages of one seed apart
    public static Batch batch(Mixture mixture, PhiloxStream stream, long step, int rows) {
        return ROWS.of(mixture.draws(stream, step, rows)).withoutLastColumn();
    }

    /// The stream of a run's stage.
    public static PhiloxStream stream(long seed, int stage) {
        return new PhiloxStream(seed, Purpose.DATA_GENERATION, stage);
    }
}
