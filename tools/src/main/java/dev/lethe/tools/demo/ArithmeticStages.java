package dev.lethe.tools.demo;

import dev.lethe.model.data.ArithmeticData;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.Mixture;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.stage.RelearningAttack;
import dev.lethe.model.stage.Stage;
import dev.lethe.model.stage.Start;
import dev.lethe.model.train.BatchSource;
import java.util.List;

/// The stages of one seed of the arithmetic miniature.
///
/// Base, filter and student begin with weights of their own: drawn from the seed, the seed + 1000,
/// the seed + 2000. Each stage draws its data from a stream of its own; all attacks see the same.
record ArithmeticStages(ArithmeticRecipe recipe, long seed) {
    private static final int FILTER_SEED = 1000;
    private static final int STUDENT_SEED = 2000;

    /// Streams of data: part of a run's numbers, so none is ever renumbered.
    private static final int BASE = 0;

    private static final int FILTER = 1;
    private static final int UNLEARN_FORGET = 2;
    private static final int UNLEARN_RETAIN = 3;
    private static final int DISTILL = 4;
    private static final int RELEARN = 5;

    /// Knows everything.
    Stage base() {
        return pretraining(seed, ArithmeticData.MIXED, BASE);
    }

    /// Never computed a product or a quotient: the gold standard.
    Stage filter() {
        return pretraining(seed + FILTER_SEED, ArithmeticData.RETAIN, FILTER);
    }

    private Stage pretraining(long fresh, Mixture mixture, int stream) {
        ArithmeticRecipe.Training training = recipe.pretraining();
        return new Stage(
                new Start.Fresh(recipe.model(), fresh),
                new NextToken(),
                training.plan(),
                main(mixture, stream, training.rows()));
    }

    /// Base made to answer evenly on what it is to forget.
    Stage unlearnMaxEnt(Gemma2 base) {
        ArithmeticRecipe.Training training = recipe.unlearning();
        int rows = training.rows();
        return new Stage(
                new Start.Copy(base),
                new MaxEnt(recipe.retainWeight(), Positions.TARGETS),
                training.plan(),
                step ->
                        StepBatch.forgetAndRetain(
                                batch(ArithmeticData.FORGET, UNLEARN_FORGET, step, rows),
                                batch(ArithmeticData.RETAIN, UNLEARN_RETAIN, step, rows)));
    }

    /// A student of random weights that learns from the teacher's answers alone.
    Stage distill(Gemma2 teacher) {
        ArithmeticRecipe.Training training = recipe.distillation();
        return new Stage(
                new Start.Fresh(recipe.model(), seed + STUDENT_SEED),
                new Distill(teacher, Positions.TARGETS),
                training.plan(),
                main(ArithmeticData.MIXED, DISTILL, training.rows()));
    }

    /// One attack a learning rate. Runs go side by side, so a batch is not cut.
    List<RelearningAttack> attacks() {
        ArithmeticRecipe.Attack attack = recipe.attack();
        BatchSource data = main(ArithmeticData.FORGET, RELEARN, attack.rows());
        return attack.learningRates().stream()
                .map(rate -> new RelearningAttack(rate, 1, attack.steps(), data))
                .toList();
    }

    private BatchSource main(Mixture mixture, int stream, int rows) {
        return step -> StepBatch.main(batch(mixture, stream, step, rows));
    }

    private Batch batch(Mixture mixture, int stream, long step, int rows) {
        return ArithmeticData.batch(mixture, ArithmeticData.stream(seed, stream), step, rows);
    }
}
