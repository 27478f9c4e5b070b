package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.language.Language;
import dev.lethe.model.data.language.LanguageData;
import dev.lethe.model.data.language.RandomWindows;
import dev.lethe.model.data.language.TokenStream;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.BatchSource;

import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/// Text: English is kept, Korean is to be forgotten; both are judged by their validation pages.
final class LanguageStudy implements StudyData {
    static final LanguageStudy INSTANCE = new LanguageStudy();

    static final int INPUTS = LanguageData.INPUTS;

    private final TokenStream english = LanguageData.training(Language.ENGLISH);
    private final TokenStream korean = LanguageData.training(Language.KOREAN);
    private final LanguageData.Halves halves = LanguageData.koreanHalves();
    private final TextAbilities abilities =
            new TextAbilities(
                    LanguageData.validation(Language.ENGLISH),
                    LanguageData.validation(Language.KOREAN),
                    halves.held());

    private LanguageStudy() {}

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
        return abilities.of(model, workers);
    }

    @Override
    public SequencedMap<String, Double> recovered(
            Data.Mixture attack, Gemma2 model, Workers workers) {
        return abilities.recovered(attack, model, workers);
    }

    @Override
    public double retained(Gemma2 model, Workers workers) {
        return abilities.retained(model, workers);
    }

    @Override
    public String retainMetric() {
        return TextAbilities.RETAIN;
    }

    @Override
    public boolean withinMargin(double student, double teacher, double margin) {
        return TextAbilities.withinMargin(student, teacher, margin);
    }

    @Override
    public Batch mixed() {
        return abilities.mixed();
    }

    @Override
    public Tokenizer tokenizer() {
        return new ByteTokenizer();
    }
}
