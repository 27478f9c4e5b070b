package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.TokenizerFile;
import dev.lethe.model.data.text.ShuffledWindows;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.BatchSource;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// English and Korean of a corpus (PAPER 3.2, 3.3): English is kept, Korean is to be forgotten.
final class CorpusLanguageStudy implements StudyData {
    private final Tokenizer tokenizer;
    private final HeldOutText english;
    private final HeldOutText korean;
    private final TextAbilities abilities;

    CorpusLanguageStudy(Corpus corpus) {
        tokenizer = TokenizerFile.open(corpus.tokenizer().place());
        english = HeldOutText.open(corpus, corpus.english());
        korean = HeldOutText.open(corpus, corpus.korean().orElseThrow());
        abilities =
                new TextAbilities(
                        english.heldOut(),
                        korean.heldOut(),
                        korean.ofOtherHalf(corpus.heldOut()));
    }

    private ShuffledWindows rows(
            Map<RowKind, Double> shares, boolean half, long seed, int stream) {
        List<ShuffledWindows.Part> parts =
                shares.entrySet().stream()
                        .map(
                                one -> {
                                    double share = one.getValue();
                                    if (one.getKey() == RowKind.ENGLISH) {
                                        return english.part(share);
                                    }
                                    return half ? korean.half(share) : korean.part(share);
                                })
                        .toList();
        return new ShuffledWindows(parts, seed, stream);
    }

    @Override
    public BatchSource main(Data data, long seed, int rows) {
        boolean half = data.mixture() == Data.Mixture.FORGET_HALF;
        ShuffledWindows text = rows(data.shares(), half, seed, data.stream());
        return step -> StepBatch.main(text.batch(step, rows));
    }

    @Override
    public BatchSource forgetAndRetain(ForgetRetain data, long seed, int rows) {
        ShuffledWindows forget = rows(data.forget(), false, seed, FORGET_STREAM);
        ShuffledWindows retain = rows(data.retain(), false, seed, RETAIN_STREAM);
        return step ->
                StepBatch.forgetAndRetain(forget.batch(step, rows), retain.batch(step, rows));
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
        return tokenizer;
    }
}
