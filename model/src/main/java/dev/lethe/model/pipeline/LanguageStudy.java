package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.language.Language;
import dev.lethe.model.data.language.LanguageData;
import dev.lethe.model.data.language.RandomWindows;
import dev.lethe.model.data.language.TokenStream;
import dev.lethe.model.evaluate.CrossEntropy;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.BatchSource;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Text: English is kept, Korean is to be forgotten; both are judged by their validation pages.
final class LanguageStudy implements StudyData {
    static final LanguageStudy INSTANCE = new LanguageStudy();

    private static final double SMALLEST_CE = 1e-6; // PAPER 1.7

    private final TokenStream english = LanguageData.training(Language.ENGLISH);
    private final TokenStream korean = LanguageData.training(Language.KOREAN);
    private final LanguageData.Halves halves = LanguageData.koreanHalves();
    private final Batch validEnglish = LanguageData.validation(Language.ENGLISH);
    private final Batch validKorean = LanguageData.validation(Language.KOREAN);
    private final CrossEntropy retain = new CrossEntropy(validEnglish);
    private final CrossEntropy forget = new CrossEntropy(validKorean);
    private final CrossEntropy held = new CrossEntropy(halves.held());
    private final Batch mixed = joined(validEnglish, validKorean);

    private LanguageStudy() {}

    private static Batch joined(Batch first, Batch second) {
        return new Batch(
                first.rows() + second.rows(),
                first.tokens(),
                joined(first.ids(), second.ids()),
                joined(first.targets(), second.targets()),
                joined(first.lengths(), second.lengths()));
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    private static Batch rows(RandomWindows text, long seed, int stream, long step, int count) {
        return text.batch(LanguageData.stream(seed, stream), step, count);
    }

    @Override
    public BatchSource main(Data data, long seed, int rows) {
        RandomWindows text =
                drawn(
                        data.shares(),
                        switch (data.mixture()) {
                            case MIXED, RETAIN, FORGET -> this::pages;
                            case FORGET_HALF -> _ -> halves.shown(); // all that is forgotten
                        });
        return step -> StepBatch.main(rows(text, seed, data.stream(), step, rows));
    }

    @Override
    public BatchSource forgetAndRetain(ForgetRetain data, long seed, int rows) {
        RandomWindows forget = drawn(data.forget(), this::pages);
        RandomWindows retain = drawn(data.retain(), this::pages);
        return step ->
                StepBatch.forgetAndRetain(
                        rows(forget, seed, FORGET_STREAM, step, rows),
                        rows(retain, seed, RETAIN_STREAM, step, rows));
    }

    /// @param texts what may be drawn of a kind
    private static RandomWindows drawn(
            Map<RowKind, Double> shares, Function<RowKind, TokenStream> texts) {
        return LanguageData.rows(
                shares.entrySet().stream()
                        .map(
                                one ->
                                        new RandomWindows.Part(
                                                one.getValue(), texts.apply(one.getKey())))
                        .toList());
    }

    private TokenStream pages(RowKind kind) {
        return switch (kind) {
            case ENGLISH -> english;
            case KOREAN -> korean;
            case COPY, ADD, SUB, MUL, DIV ->
                    throw new IllegalArgumentException(
                            "language: expected pages, got rows of %s; choose another task"
                                    .formatted(kind.label()));
        };
    }

    @Override
    public SequencedMap<String, Double> abilities(Gemma2 model, Workers workers) {
        SequencedMap<String, Double> abilities = new LinkedHashMap<>();
        abilities.put("forget_ce", forget.of(model, workers));
        abilities.put(retainMetric(), retained(model, workers));
        return abilities;
    }

    @Override
    public SequencedMap<String, Double> recovered(
            Data.Mixture attack, Gemma2 model, Workers workers) {
        SequencedMap<String, Double> recovered = new LinkedHashMap<>();
        recovered.put("forget_ce", forget.of(model, workers));
        if (attack == Data.Mixture.FORGET_HALF) {
            recovered.put("forget_heldout_ce", held.of(model, workers));
        }
        return recovered;
    }

    @Override
    public double retained(Gemma2 model, Workers workers) {
        return retain.of(model, workers);
    }

    @Override
    public String retainMetric() {
        return "retain_ce";
    }

    @Override
    public boolean withinMargin(double student, double teacher, double margin) {
        return (student - teacher) / Math.max(teacher, SMALLEST_CE) < margin;
    }

    @Override
    public Batch mixed() {
        return mixed;
    }
}
