package dev.lethe.tools;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.train.StepRule;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/// Three training steps through every fused kernel of the CPU backend, as a digest of the resulting bits.
/// A program of its own, so that a test can run it under other flags.
final class TrainingDigest {
    private static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(37)
                    .hiddenSize(24)
                    .intermediateSize(40)
                    .layers(2)
                    .heads(4)
                    .kvHeads(2)
                    .headDim(6)
                    .queryPreAttnScalar(6)
                    .slidingWindow(4)
                    .build();

    private TrainingDigest() {}

    public static void main(String[] args) throws Exception {
        System.out.println(digest(Integer.parseInt(args[0])));
    }

    static String digest(int threads) throws Exception {
        return digest(threads, TrainingDigest::plain);
    }

    /// As [#digest(int)], of what decorates a step or an objective.
    static String digestDecorated(int threads) throws Exception {
        return digest(threads, _ -> decorated());
    }

    private record Training(Objective objective, TrainingPlan plan) {}

    private static List<Training> plain(Gemma2 teacher) {
        double[] u = new double[CONFIG.hiddenSize()];
        u[3] = 1;
        TrainingPlan plan = plan(4);
        return List.of(
                new Training(new NextToken(), plan),
                new Training(new MaxEnt(1, Positions.TARGETS), plan),
                new Training(new Distill(teacher, Positions.ALL), plan),
                new Training(new Rmu(new Rmu.Target(1, 6, u), 1, teacher), plan));
    }

    private static List<Training> decorated() {
        MaxEnt maxEnt = new MaxEnt(1, Positions.TARGETS);
        return List.of(
                new Training(maxEnt, plan(4).stepping(new StepRule.SharpnessAware())),
                new Training(new RepNoise(maxEnt, 1, 1, 5), plan(1)));
    }

    private static String digest(int threads, Function<Gemma2, List<Training>> trainings)
            throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        try (var backend = Backends.open("cpu");
                var workers = new Workers(threads);
                var teacher = Gemma2.allocate(CONFIG, backend, DType.F32)) {
            Initialization.randomize(teacher, 7);
            for (Training training : trainings.apply(teacher)) {
                try (var model = Gemma2.allocate(CONFIG, backend, DType.F32)) {
                    Initialization.randomize(model, 42);
                    train(model, training, workers);
                    byte[] bytes = new byte[(int) model.parameters().flat().bytes()];
                    backend.download(model.parameters().flat(), MemorySegment.ofArray(bytes));
                    sha.update(bytes);
                }
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    private static TrainingPlan plan(int microBatches) {
        AdamW.Settings decayed = new AdamW.Settings(0.9, 0.999, 1e-8, 0.1, 1);
        return new TrainingPlan(
                3, microBatches, new Schedule.Constant(1e-2, 0), decayed, _ -> true);
    }

    private static void train(Gemma2 model, Training training, Workers workers) {
        try (var trainer =
                new Trainer(model, training.objective(), training.plan(), workers)) {
            for (int step = 0; step < 3; step++) {
                trainer.step(
                        StepBatch.of(
                                Map.of(
                                        StepBatch.Role.MAIN, rows(3 * step),
                                        StepBatch.Role.FORGET, rows(3 * step + 1),
                                        StepBatch.Role.RETAIN, rows(3 * step + 2))));
            }
        }
    }

    private static Batch rows(int seed) {
        int[] ids = new SplittableRandom(seed).ints(5 * 9, 3, 37).toArray();
        return Batch.shifted(5, 9, ids, new int[] {9, 4, 9, 7, 2});
    }
}
