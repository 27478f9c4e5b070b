package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.ArithmeticData;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.Equations;
import dev.lethe.model.data.Mixture;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.evaluate.Answers;
import dev.lethe.model.evaluate.ArithmeticAnswers;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.BatchSource;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// Equations: add and sub are kept, mul and div are to be forgotten.
final class ArithmeticStudy implements StudyData {
    static final ArithmeticStudy INSTANCE = new ArithmeticStudy();

    static final int INPUTS = ArithmeticData.ROWS.length() - 1;

    private static final int MIXED_ROWS = 512;
    private static final int MIXED_STREAM = 32; // of evaluation; the families have those below

    private final List<Answers> shown = questions(ArithmeticData.Halves::shown);
    private final List<Answers> held = questions(ArithmeticData.Halves::held);
    private final Batch mixed =
            ArithmeticData.batch(
                    drawn(Mixtures.of(Task.ARITHMETIC).mixed(), Equations::texts),
                    new PhiloxStream(0, Purpose.EVALUATION, MIXED_STREAM),
                    0,
                    MIXED_ROWS);

    private ArithmeticStudy() {}

    private static List<Answers> questions(Function<ArithmeticData.Halves, List<String>> half) {
        return Stream.of(Equations.MUL, Equations.DIV)
                .map(ArithmeticData::halves)
                .map(halves -> ArithmeticAnswers.equations(half.apply(halves)))
                .toList();
    }

    /// @param texts those of a family that may be drawn
    private static Mixture drawn(
            Map<RowKind, Double> shares, Function<Equations, List<String>> texts) {
        return new Mixture(
                shares.entrySet().stream()
                        .map(
                                one ->
                                        new Mixture.Part(
                                                one.getValue(), texts.apply(family(one.getKey()))))
                        .toList());
    }

    private static Equations family(RowKind kind) {
        return switch (kind) {
            case COPY -> Equations.COPY;
            case ADD -> Equations.ADD;
            case SUB -> Equations.SUB;
            case MUL -> Equations.MUL;
            case DIV -> Equations.DIV;
            case ENGLISH, KOREAN ->
                    throw new IllegalArgumentException(
                            "arithmetic: expected equations, got rows of %s; choose another task"
                                    .formatted(kind.label()));
        };
    }

    private static Batch rows(Mixture mixture, long seed, int stream, long step, int count) {
        return ArithmeticData.batch(mixture, ArithmeticData.stream(seed, stream), step, count);
    }

    @Override
    public BatchSource main(Data data, long seed, int rows) {
        Mixture mixture =
                drawn(
                        data.shares(),
                        switch (data.mixture()) {
                            case MIXED, RETAIN, FORGET -> Equations::texts;
                            case FORGET_HALF -> family -> ArithmeticData.halves(family).shown();
                        });
        return step -> StepBatch.main(rows(mixture, seed, data.stream(), step, rows));
    }

    @Override
    public BatchSource forgetAndRetain(ForgetRetain data, long seed, int rows) {
        Mixture forget = drawn(data.forget(), Equations::texts);
        Mixture retain = drawn(data.retain(), Equations::texts);
        return step ->
                StepBatch.forgetAndRetain(
                        rows(forget, seed, FORGET_STREAM, step, rows),
                        rows(retain, seed, RETAIN_STREAM, step, rows));
    }

    @Override
    public SequencedMap<String, Double> abilities(Gemma2 model, Workers workers) {
        SequencedMap<String, Double> abilities = new LinkedHashMap<>();
        abilities.put("forget_accuracy", ArithmeticAnswers.forget(model, workers));
        abilities.put(retainMetric(), retained(model, workers));
        return abilities;
    }

    @Override
    public SequencedMap<String, Double> recovered(
            Data.Mixture attack, Gemma2 model, Workers workers) {
        SequencedMap<String, Double> recovered = new LinkedHashMap<>();
        if (attack == Data.Mixture.FORGET_HALF) {
            recovered.put("forget_accuracy", accuracy(shown, model, workers));
            recovered.put("forget_heldout_accuracy", accuracy(held, model, workers));
        } else {
            recovered.put("forget_accuracy", ArithmeticAnswers.forget(model, workers));
        }
        return recovered;
    }

    private static double accuracy(List<Answers> families, Gemma2 model, Workers workers) {
        return families.stream()
                .mapToDouble(family -> family.accuracy(model, workers))
                .average()
                .orElseThrow();
    }

    @Override
    public double retained(Gemma2 model, Workers workers) {
        return ArithmeticAnswers.retain(model, workers);
    }

    @Override
    public String retainMetric() {
        return "retain_accuracy";
    }

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
        return ArithmeticData.ROWS.tokenizer();
    }
}
