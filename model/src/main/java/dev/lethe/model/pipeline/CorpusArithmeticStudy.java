package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.TokenizerFile;
import dev.lethe.model.data.arithmetic.Operation;
import dev.lethe.model.data.arithmetic.Problem;
import dev.lethe.model.data.text.ShuffledWindows;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.BatchSource;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// English of a corpus and the paper's problems (PAPER 3.1): add and sub are kept, mul and div are to
/// be forgotten. Rows of problems mix all operations of their mixture, which must have equal shares.
final class CorpusArithmeticStudy implements StudyData {
    private static final Set<Operation> KEPT = EnumSet.of(Operation.ADD, Operation.SUB);
    private static final Set<Operation> FORGOTTEN = EnumSet.of(Operation.MUL, Operation.DIV);

    private final Tokenizer tokenizer;
    private final HeldOutText english;
    private final PackedProblems problems;
    private final ProblemAccuracy retain;
    private final ProblemAccuracy forget;
    private final ProblemAccuracy shown;
    private final ProblemAccuracy held;
    private final Batch mixed;

    CorpusArithmeticStudy(Corpus corpus) {
        tokenizer = TokenizerFile.open(corpus.tokenizer().place());
        english = HeldOutText.open(corpus, corpus.english());
        problems = new PackedProblems(tokenizer, corpus.length(), corpus.problems());
        List<Problem> asked = PackedProblems.evaluation();
        retain = ProblemAccuracy.of(asked, tokenizer, one -> KEPT.contains(one.operation()));
        forget = ProblemAccuracy.of(asked, tokenizer, one -> FORGOTTEN.contains(one.operation()));
        shown = ProblemAccuracy.of(asked, tokenizer, PackedProblems::isShown);
        held = ProblemAccuracy.of(asked, tokenizer, PackedProblems::isHeld);
        mixed = english.heldOut().and(problems.evaluated(Math.ceilDiv(corpus.heldOut(), 3)));
    }

    private ShuffledWindows rows(
            Map<RowKind, Double> shares, boolean half, long seed, int stream) {
        List<ShuffledWindows.Part> parts = new ArrayList<>();
        Map<Operation, Double> drawn = operations(shares);
        if (!drawn.isEmpty()) {
            double share = drawn.values().stream().mapToDouble(Double::doubleValue).sum();
            parts.add(problems.part(share, drawn.keySet(), half));
        }
        if (shares.containsKey(RowKind.ENGLISH)) {
            parts.add(english.part(shares.get(RowKind.ENGLISH)));
        }
        return new ShuffledWindows(parts, seed, stream);
    }

    private static Map<Operation, Double> operations(Map<RowKind, Double> shares) {
        Map<Operation, Double> operations = new LinkedHashMap<>();
        shares.forEach(
                (kind, share) -> {
                    if (kind != RowKind.ENGLISH) {
                        operations.put(Operation.valueOf(kind.name()), share);
                    }
                });
        if (operations.values().stream().distinct().count() > 1) {
            throw new IllegalArgumentException(
                    "mixtures: expected equal shares of the operations, of whose problems each row"
                            + " has all, got "
                            + operations
                            + "; correct them");
        }
        return operations;
    }

    @Override
    public BatchSource main(Data data, long seed, int rows) {
        boolean half = data.mixture() == Data.Mixture.FORGET_HALF;
        ShuffledWindows text = rows(data.shares(), half, seed, data.stream());
        return step -> StepBatch.main(text.batch(step, rows));
    }

    @Override
    public BatchSource forgetAndRetain(ForgetRetain data, long seed, int rows) {
        ShuffledWindows forgotten = rows(data.forget(), false, seed, FORGET_STREAM);
        ShuffledWindows kept = rows(data.retain(), false, seed, RETAIN_STREAM);
        return step ->
                StepBatch.forgetAndRetain(forgotten.batch(step, rows), kept.batch(step, rows));
    }

    @Override
    public SequencedMap<String, Double> abilities(Gemma2 model, Workers workers) {
        SequencedMap<String, Double> abilities = new LinkedHashMap<>();
        abilities.put("forget_accuracy", forget.of(model, workers));
        abilities.put(retainMetric(), retained(model, workers));
        return abilities;
    }

    @Override
    public SequencedMap<String, Double> recovered(
            Data.Mixture attack, Gemma2 model, Workers workers) {
        boolean half = attack == Data.Mixture.FORGET_HALF;
        SequencedMap<String, Double> recovered = new LinkedHashMap<>();
        recovered.put("forget_accuracy", (half ? shown : forget).of(model, workers));
        if (half) {
            recovered.put("forget_heldout_accuracy", held.of(model, workers));
        }
        return recovered;
    }

    @Override
    public double retained(Gemma2 model, Workers workers) {
        return retain.of(model, workers);
    }

    @Override
    public String retainMetric() {
        return "retain_accuracy";
    }

    /// Points of accuracy (PAPER 1.7).
    @Override
    public boolean withinMargin(double student, double teacher, double margin) {
        return student >= teacher - margin;
    }

    @Override
    public Batch mixed() {
        return mixed;
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
    }
}
