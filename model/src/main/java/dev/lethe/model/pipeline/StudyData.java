package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.BatchSource;

import java.util.SequencedMap;

/// A task's rows to train on and measures to judge by, the same for every model of the task. A
/// batch is a function of seed, stream and step alone; what a model is judged on depends on
/// nothing.
public sealed interface StudyData
        permits ArithmeticStudy, LanguageStudy, CorpusArithmeticStudy, CorpusLanguageStudy {
    /// Streams of unlearning's rows, away from those that a [Data] can name.
    int FORGET_STREAM = -1;

    int RETAIN_STREAM = -2;

    /// The data of a subject; those of a corpus are opened once.
    ///
    /// @throws dev.lethe.model.data.DataException where a corpus cannot be read
    static StudyData of(Subject subject) {
        return subject.corpus()
                .map(text -> OpenCorpora.study(subject.task(), text))
                .orElseGet(() -> of(subject.task()));
    }

    /// The data of a task's miniature.
    static StudyData of(Task task) {
        return switch (task) {
            case ARITHMETIC -> ArithmeticStudy.INSTANCE;
            case LANGUAGE -> LanguageStudy.INSTANCE;
        };
    }

    /// For next-token training and distillation.
    ///
    /// @param data of this task
    BatchSource main(Data data, long seed, int rows);

    /// For unlearning.
    ///
    /// @param rows of forget data, and as many of retain data
    BatchSource forgetAndRetain(ForgetRetain data, long seed, int rows);

    /// What a model can do: `forget_accuracy` and `retain_accuracy`, or `forget_ce` and
    /// `retain_ce`.
    SequencedMap<String, Double> abilities(Gemma2 model, Workers workers);

    /// What an attack has brought back, the forget figure alone. Where it trains on a half of the
    /// forget data, `forget_heldout_accuracy` or `forget_heldout_ce` is that of the other half, and
    /// `forget_accuracy` that of the attacked half (`forget_ce` stays that of the validation
    /// pages).
    SequencedMap<String, Double> recovered(Data.Mixture attack, Gemma2 model, Workers workers);

    /// The retain figure of [#abilities] alone.
    double retained(Gemma2 model, Workers workers);

    /// `retain_accuracy` or `retain_ce`.
    String retainMetric();

    /// Whether a student has kept what its teacher retains, but for a margin (PAPER 1.7): accuracy
    /// points, or a share of the teacher's cross-entropy.
    ///
    /// @param student and `teacher` by [#retained]
    boolean withinMargin(double student, double teacher, double margin);

    /// What made the rows' tokens of text.
    Tokenizer tokenizer();

    /// Fixed rows of all kinds on which two models are compared, whatever they were trained on.
    Batch mixed();
}
