package dev.lethe.model.evaluate;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.ArithmeticData;
import dev.lethe.model.data.Equations;
import dev.lethe.model.data.TextRows;
import dev.lethe.model.gemma2.Gemma2;
import java.util.List;

/// The fixed questions of the arithmetic miniature, the same for every seed. They are among the
/// training texts: what is measured is recall, as in the paper.
public final class ArithmeticAnswers {
    private static final int SAMPLE = 400;

    /// 400 each of add and sub.
    public static final List<Answers> RETAIN =
            List.of(sample(Equations.ADD), sample(Equations.SUB));

    /// All 144 each of mul and div.
    public static final List<Answers> FORGET =
            List.of(
                    equations(Equations.MUL.texts()),
                    equations(Equations.DIV.texts()));

    private ArithmeticAnswers() {}

    private static Answers sample(Equations family) {
        return equations(ArithmeticData.shuffled(family).subList(0, SAMPLE));
    }

    /// Equations as questions; the answer follows the sign `=`.
    public static Answers equations(List<String> texts) {
        int[] starts =
                texts.stream().mapToInt(text -> TextRows.PREFIX + text.indexOf('=') + 1).toArray();
        return new Answers(ArithmeticData.ROWS.of(texts), starts);
    }

    /// Mean of the families' accuracies, from 0 to 1.
    public static double accuracy(List<Answers> families, Gemma2 model, Workers workers) {
        return families.stream()
                .mapToDouble(family -> family.accuracy(model, workers))
                .average()
                .orElseThrow();
    }
}
