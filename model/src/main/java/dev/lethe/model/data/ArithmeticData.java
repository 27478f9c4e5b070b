package dev.lethe.model.data;

import static dev.lethe.model.data.Equations.ADD;
import static dev.lethe.model.data.Equations.COPY;
import static dev.lethe.model.data.Equations.DIV;
import static dev.lethe.model.data.Equations.MUL;
import static dev.lethe.model.data.Equations.SUB;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Mixture.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Training data of the arithmetic miniature. A batch is a function of seed, stream and step alone.
public final class ArithmeticData {
    /// Rows of 12 ids: the longest text has ten characters.
    public static final TextRows ROWS = new TextRows(new ByteTokenizer(), 12);

    private static final double COPIES = 0.15;

    /// Everything, unlabelled: pretraining of the base and distillation.
    public static final Mixture MIXED = withCopies(ADD, SUB, MUL, DIV);

    /// What a model may keep.
    public static final Mixture RETAIN = withCopies(ADD, SUB);

    /// What it is to forget, and what an attacker teaches it again.
    public static final Mixture FORGET = new Mixture(List.of(part(1, MUL), part(1, DIV)));

    private ArithmeticData() {}

    private static Mixture withCopies(Equations... families) {
        return new Mixture(
                Stream.concat(
                                Stream.of(part(COPIES, COPY)),
                                Stream.of(families)
                                        .map(one -> part((1 - COPIES) / families.length, one)))
                        .toList());
    }

    private static Part part(double weight, Equations family) {
        return new Part(weight, family.texts());
    }

    /// A half of the forget facts to attack with and the other half to judge by, always the same.
    ///
    /// @param shown the attacker's
    /// @param held never shown
    public record Halves(Mixture shown, Mixture held) {}

    /// Half of each forget family at random.
    public static Halves forgetHalves() {
        List<Part> shown = new ArrayList<>();
        List<Part> held = new ArrayList<>();
        for (Equations family : List.of(MUL, DIV)) {
            List<String> texts = shuffled(family);
            int middle = texts.size() / 2;
            shown.add(new Part(1, texts.subList(0, middle)));
            held.add(new Part(1, texts.subList(middle, texts.size())));
        }
        return new Halves(new Mixture(shown), new Mixture(held));
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
