package dev.lethe.tools.study;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.study.Influence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;

/// `influence`: what one relearning step on each example gains, predicted and measured.
final class InfluenceReport {
    private static final int LONGEST = 12; // characters of a row that can be its name

    private InfluenceReport() {}

    /// @param drawn models whose examples are shown
    /// @param rate of the step
    /// @param gradientsMiB most that the raw gradients of all models drawn may take
    record Form(
            List<String> models,
            List<String> drawn,
            int tokens,
            int examples,
            double rate,
            double gradientsMiB) {
        Form {
            if (examples < 1 || !(rate > 0)) {
                throw new IllegalArgumentException(
                        "expected at least 1 example and a rate above 0, got %d and %s; correct them"
                                .formatted(examples, rate));
            }
        }
    }

    static Answer of(Form form, Laboratory lab) {
        Batch examples = different(lab.rows().forget(), form.examples());
        List<Subject> models = lab.select(form.models());
        List<String> drawn =
                models.stream()
                        .map(Subject::name)
                        .filter(
                                name ->
                                        lab.subjects().runs().isEmpty()
                                                || form.drawn().contains(name))
                        .toList();
        SequencedMap<String, Influence> found = new LinkedHashMap<>();
        RawGradients raw = new RawGradients(form.gradientsMiB());
        for (Subject one : models) {
            double share = 1.0 / models.size();
            try (Gemma2 model = lab.load(one)) {
                Influence of =
                        lab.study()
                                .influence(
                                        examples,
                                        point(model, lab.rows().forget()),
                                        Optional.of(point(model, lab.rows().retain())),
                                        form.rate(),
                                        lab.part(one.name(), share * found.size(), share));
                if (drawn.contains(one.name())) {
                    raw.keep(one.name(), of.gradients(), model);
                }
                found.put(one.name(), of.withoutGradients());
            }
        }
        raw.leftOut().ifPresent(lab.notes());
        return new InfluenceDrawing(found, drawn, names(examples), lab.subjects(), raw).answer();
    }

    private static Point point(Gemma2 model, Batch rows) {
        return new Point(model, new NextToken(), StepBatch.main(rows));
    }

    /// The first rows that differ from all before them.
    private static Batch different(Batch rows, int count) {
        SequencedSet<List<Integer>> seen = new LinkedHashSet<>();
        List<Integer> kept = new ArrayList<>();
        for (int row = 0; row < rows.rows() && kept.size() < count; row++) {
            Batch own = rows.rows(row, row + 1);
            if (seen.add(Arrays.stream(own.ids()).boxed().toList())) {
                kept.add(row);
            }
        }
        return chosen(rows, kept);
    }

    private static Batch chosen(Batch rows, List<Integer> kept) {
        int width = rows.tokens();
        int[] ids = new int[kept.size() * width];
        int[] targets = new int[ids.length];
        int[] lengths = new int[kept.size()];
        for (int i = 0; i < lengths.length; i++) {
            System.arraycopy(rows.ids(), kept.get(i) * width, ids, i * width, width);
            System.arraycopy(rows.targets(), kept.get(i) * width, targets, i * width, width);
            lengths[i] = rows.lengths()[kept.get(i)];
        }
        return new Batch(lengths.length, width, ids, targets, lengths);
    }

    /// The text of each row where it is short, else its number.
    private static List<String> names(Batch rows) {
        ByteTokenizer tokenizer = new ByteTokenizer();
        List<String> names = new ArrayList<>();
        for (int row = 0; row < rows.rows(); row++) {
            int from = row * rows.tokens();
            int[] ids = Arrays.copyOfRange(rows.ids(), from, from + rows.lengths()[row]);
            boolean bytes = Arrays.stream(ids).allMatch(id -> id < tokenizer.vocabulary());
            String text = bytes ? tokenizer.decode(ids).strip() : "";
            boolean plain =
                    !text.isEmpty()
                            && text.length() <= LONGEST
                            && text.chars().allMatch(c -> c >= ' ' && c < 127);
            names.add(plain ? text : "row " + row);
        }
        return names;
    }
}
