package dev.lethe.model.evaluate;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.ArithmeticData;
import dev.lethe.model.data.Equations;
import dev.lethe.model.data.TextRows;
import dev.lethe.model.gemma2.Gemma2;
import java.util.List;

/// The fixed questions of the arithmetic miniature, the same for every seed: 400 each of add and
/// sub, all 144 each of mul and div. They are among the training texts: what is measured is recall,
/// as in the paper.
public final class ArithmeticAnswers {
    private static final int SAMPLE = 400;
    private static final Answers ADD = sample(Equations.ADD);
    private static final Answers SUB = sample(Equations.SUB);
    private static final Answers MUL = equations(Equations.MUL.texts());
    private static final Answers DIV = equations(Equations.DIV.texts());

    private ArithmeticAnswers() {}

    /// Share of right answers by operation, each from 0 to 1.
    public record Accuracies(double add, double sub, double mul, double div) {
        /// What is to be kept.
        public double retain() {
            return (add + sub) / 2;
        }

        /// What is to be forgotten.
        public double forget() {
            return (mul + div) / 2;
        }
    }

    /// All four.
    public static Accuracies accuracies(Gemma2 model, Workers workers) {
        return new Accuracies(
                ADD.accuracy(model, workers),
                SUB.accuracy(model, workers),
                MUL.accuracy(model, workers),
                DIV.accuracy(model, workers));
    }

    /// [Accuracies#forget] alone.
    public static double forget(Gemma2 model, Workers workers) {
        return (MUL.accuracy(model, workers) + DIV.accuracy(model, workers)) / 2;
    }

    /// How many questions [#forget] asks.
    public static int forgetQuestions() {
        return MUL.batch().rows() + DIV.batch().rows();
    }

    private static Answers sample(Equations family) {
        return equations(ArithmeticData.shuffled(family).subList(0, SAMPLE));
    }

    /// Equations as questions; the answer follows the sign `=`.
    public static Answers equations(List<String> texts) {
        int[] starts =
                texts.stream().mapToInt(text -> TextRows.PREFIX + text.indexOf('=') + 1).toArray();
        return new Answers(ArithmeticData.ROWS.of(texts), starts);
    }
}
